//! The exact type of `respond` in world `sealed`, and the comparison of a component's export with it.
//!
//! A type is written out as text with a budget, as types may share structure and unfold without end.

use wasmparser::{
    component_types::{
        ComponentDefinedType, ComponentEntityType, ComponentFuncTypeId, ComponentValType,
    },
    names::KebabString,
    types::TypesRef,
};

use super::refusal;
use crate::message::Refusal;

/// Name of the only export that is called.
pub const RESPOND: &str = "respond";

/// `respond` of `assay:adapter@1.0.0`, written out. The runner's bindings are made from the WIT file, so
/// nothing would run if the two did not agree.
const EXPECTED: &str = "func(item: record{turns: list<record{speaker: enum{system,user,assistant}, text: string}>, \
    asks: enum{free-text,one-choice,many-choices,number}, choices: list<string>, lang: string, max-bytes: u32, seed: u64}) \
    -> result<string, enum{declined,unsupported,failed}>";

/// Longest text of a type; nothing that matches is longer.
const TYPE_BYTES_MAX: usize = 2 * EXPECTED.len();

/// Refuses a component without `respond` or with another type of it.
pub fn check_respond(types: TypesRef<'_>) -> Result<(), Refusal> {
    let Some(item) = types.component_item_for_export(RESPOND) else {
        return Err(refusal(
            "no-respond",
            "exports no function `respond`; implement world `sealed` of assay:adapter@1.0.0",
        ));
    };
    let ComponentEntityType::Func(function) = item.ty else {
        return Err(refusal(
            "no-respond",
            "exports `respond`, but not as a function; implement world `sealed` of assay:adapter@1.0.0",
        ));
    };
    let found = describe(types, function);
    if found == EXPECTED {
        return Ok(());
    }
    let found = crate::message::cut(&found, 400);
    Err(refusal(
        "wrong-type",
        &format!(
            "exports `respond` with another type than world `sealed` of assay:adapter@1.0.0; found {found}"
        ),
    ))
}

fn describe(types: TypesRef<'_>, function: ComponentFuncTypeId) -> String {
    let mut text = Text {
        types,
        out: String::new(),
    };
    let function = &types[function];
    text.push(if function.async_ {
        "async func("
    } else {
        "func("
    });
    for (number, (name, ty)) in function.params.iter().enumerate() {
        text.field(number, name, *ty);
    }
    text.push(")");
    if let Some(result) = function.result {
        text.push(" -> ");
        text.value(result);
    }
    text.out
}

struct Text<'a> {
    types: TypesRef<'a>,
    out: String,
}

impl Text<'_> {
    fn push(&mut self, text: &str) {
        if self.out.len() < TYPE_BYTES_MAX {
            self.out.push_str(text);
        }
    }

    fn field(&mut self, number: usize, name: &str, ty: ComponentValType) {
        if number > 0 {
            self.push(", ");
        }
        self.push(name);
        self.push(": ");
        self.value(ty);
    }

    fn value(&mut self, ty: ComponentValType) {
        // The budget ends the walk: every step below has added at least one byte.
        if self.out.len() >= TYPE_BYTES_MAX {
            return;
        }
        let id = match ty {
            ComponentValType::Primitive(primitive) => return self.push(&primitive.to_string()),
            ComponentValType::Type(id) => id,
        };
        let types = self.types;
        match &types[id] {
            ComponentDefinedType::Primitive(primitive) => self.push(&primitive.to_string()),
            ComponentDefinedType::Record(record) => {
                self.push("record{");
                for (number, (name, ty)) in record.fields.iter().enumerate() {
                    self.field(number, name, *ty);
                }
                self.push("}");
            }
            ComponentDefinedType::List { element, .. } => {
                self.push("list<");
                self.value(*element);
                self.push(">");
            }
            ComponentDefinedType::Enum(names) => {
                let names: Vec<&str> = names.iter().map(KebabString::as_str).collect();
                self.push(&format!("enum{{{}}}", names.join(",")));
            }
            ComponentDefinedType::Result {
                ok: Some(ok),
                err: Some(err),
                ..
            } => {
                self.push("result<");
                self.value(*ok);
                self.push(", ");
                self.value(*err);
                self.push(">");
            }
            // Of no interest beyond being another type.
            _ => self.push("another type"),
        }
    }
}
