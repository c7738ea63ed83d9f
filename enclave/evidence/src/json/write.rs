//! The canonical writer of RFC 8785, for documents without fractions: from a type to text at once.
//!
//! Members are sorted by UTF-16 code units as that standard wants. Enums are those of our documents:
//! a word, or an object with a tag.

use std::{fmt::Write as _, mem};

use serde::{
    Serialize, Serializer,
    ser::{
        Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
        SerializeTupleStruct,
    },
};

use serde_json::Value;

use super::{INTEGER_MAX, fault::Fault, read};

/// The canonical form of a value.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<String, Fault> {
    let mut text = String::new();
    value.serialize(Writer(&mut text))?;
    Ok(text)
}

/// Writes one value to the end of a text.
struct Writer<'a>(&'a mut String);

impl Writer<'_> {
    fn integer(self, magnitude: u64, digits: &str) -> Result<(), Fault> {
        if magnitude > INTEGER_MAX {
            return Err(Fault::custom(digits));
        }
        self.0.push_str(digits);
        Ok(())
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = Impossible<(), Fault>;
    type SerializeMap = Object<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Impossible<(), Fault>;

    fn serialize_bool(self, value: bool) -> Result<(), Fault> {
        self.0.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Fault> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Fault> {
        self.integer(value.unsigned_abs(), &value.to_string())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Fault> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Fault> {
        self.integer(value, &value.to_string())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Fault> {
        Err(Fault::custom("a fraction"))
    }

    fn serialize_f64(self, _: f64) -> Result<(), Fault> {
        Err(Fault::custom("a fraction"))
    }

    fn serialize_char(self, value: char) -> Result<(), Fault> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Fault> {
        quoted(self.0, value);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Fault> {
        Err(Fault::custom("bytes that are no text"))
    }

    fn serialize_none(self) -> Result<(), Fault> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Fault> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
    ) -> Result<(), Fault> {
        self.serialize_str(word)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
        _: &T,
    ) -> Result<(), Fault> {
        Err(Fault::custom(word))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Fault> {
        self.0.push('[');
        Ok(List {
            text: self.0,
            is_empty: true,
        })
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Fault> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Fault> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Fault> {
        Err(Fault::custom(word))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'a>, Fault> {
        Ok(Object::new(self.0))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>, Fault> {
        Ok(Object::new(self.0))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        word: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Fault> {
        Err(Fault::custom(word))
    }
}

/// An array that is being written.
struct List<'a> {
    text: &'a mut String,
    is_empty: bool,
}

/// An object whose members wait for their order: name and written value.
struct Object<'a> {
    text: &'a mut String,
    members: Vec<(String, String)>,
    key: String,
}

impl<'a> Object<'a> {
    fn new(text: &'a mut String) -> Self {
        Self {
            text,
            members: Vec::new(),
            key: String::new(),
        }
    }

    /// Puts a member into its place, which is nearly always the end.
    #[inline(never)]
    fn put(&mut self, name: String, value: String) -> Result<(), Fault> {
        let is_before =
            |(other, _): &(String, String)| other.encode_utf16().lt(name.encode_utf16());
        let at = self.members.partition_point(is_before);
        if self
            .members
            .get(at)
            .is_some_and(|(other, _)| *other == name)
        {
            return Err(Fault::custom(format!("two members are named {name:?}")));
        }
        self.members.insert(at, (name, value));
        Ok(())
    }

    #[inline(never)]
    fn close(self) {
        self.text.push('{');
        for (position, (name, value)) in self.members.iter().enumerate() {
            if position > 0 {
                self.text.push(',');
            }
            quoted(self.text, name);
            self.text.push(':');
            self.text.push_str(value);
        }
        self.text.push('}');
    }
}

macro_rules! lists {
    ($($kind:ident by $add:ident),+) => {$(
        impl $kind for List<'_> {
            type Ok = ();
            type Error = Fault;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
                if !mem::take(&mut self.is_empty) {
                    self.text.push(',');
                }
                value.serialize(Writer(self.text))
            }

            fn end(self) -> Result<(), Fault> {
                self.text.push(']');
                Ok(())
            }
        }
    )+};
}

lists! {
    SerializeSeq by serialize_element,
    SerializeTuple by serialize_element,
    SerializeTupleStruct by serialize_field
}

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        match read::value(canonical(key)?.as_bytes()) {
            Ok(Value::String(name)) => self.key = name,
            _ => return Err(Fault::custom("a key that is no string")),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let name = mem::take(&mut self.key);
        self.put(name, canonical(value)?)
    }

    fn end(self) -> Result<(), Fault> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.put(name.to_owned(), canonical(value)?)
    }

    fn end(self) -> Result<(), Fault> {
        self.close();
        Ok(())
    }
}

fn quoted(text: &mut String, string: &str) {
    let must_escape = |byte: u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    let mut rest = string;
    text.push('"');
    while let Some(at) = rest.bytes().position(must_escape) {
        text.push_str(&rest[..at]);
        escape(text, rest.as_bytes()[at]);
        rest = &rest[at + 1..];
    }
    text.push_str(rest);
    text.push('"');
}

fn escape(text: &mut String, byte: u8) {
    match byte {
        b'"' => text.push_str("\\\""),
        b'\\' => text.push_str("\\\\"),
        0x08 => text.push_str("\\b"),
        b'\t' => text.push_str("\\t"),
        b'\n' => text.push_str("\\n"),
        0x0c => text.push_str("\\f"),
        b'\r' => text.push_str("\\r"),
        control => write!(text, "\\u{control:04x}").expect("a String takes all text"),
    }
}
