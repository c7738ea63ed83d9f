//! What an instance of the component needs before it runs, against what a runner has for one.
//!
//! The walk adds up memories, tables and instances over everything that is instantiated, as often as it
//! is. It rounds up where only the engine knows exactly, and it trusts that the bytes are valid.

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, ElementItems, Instance, Parser, Payload,
};

use super::refusal;
use crate::{engine, limits, message::Refusal};

const PAGE_BYTES: u64 = 64 * 1024;
/// The engine's bookkeeping, each rounded up: an instance, an import, a global or reference to a
/// function, a function that crosses the boundary of a component with its part of the glue.
const INSTANCE_BYTES: u64 = 1024;
const IMPORT_BYTES: u64 = 40;
const ENTRY_BYTES: u64 = 32;
const CROSSING_BYTES: u64 = 256;

/// Sums over all that is instantiated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Needs {
    instances: u64,
    memories: u64,
    memory_pages: u64,
    tables: u64,
    table_elements: u64,
    engine_bytes: u64,
}

impl Needs {
    fn add(&mut self, other: Self) {
        let sum = |to: &mut u64, more: u64| *to = to.saturating_add(more);
        sum(&mut self.instances, other.instances);
        sum(&mut self.memories, other.memories);
        sum(&mut self.memory_pages, other.memory_pages);
        sum(&mut self.tables, other.tables);
        sum(&mut self.table_elements, other.table_elements);
        sum(&mut self.engine_bytes, other.engine_bytes);
    }
}

/// A core module while it is read.
#[derive(Default)]
struct Module {
    needs: Needs,
    largest_table: u64,
    imports: u64,
    globals: u64,
    functions: u64,
    references: u64,
}

/// A component while it is read: what it instantiates so far, and what it could. An entry without
/// figures came from outside of it.
#[derive(Default)]
struct Component {
    needs: Needs,
    modules: Vec<Option<Needs>>,
    components: Vec<Option<Needs>>,
}

enum Open {
    Module(Module),
    Component(Component),
}

/// Refuses a component that could never be instantiated in a runner.
pub fn check(bytes: &[u8]) -> Result<(), Refusal> {
    let needs = add_up(bytes)?;
    let memory_pages = limits::MEMORY_BYTES / PAGE_BYTES;
    for (what, needed, most) in [
        (
            "core instances",
            needs.instances,
            engine::STORE_INSTANCES as u64,
        ),
        ("memories", needs.memories, engine::STORE_MEMORIES as u64),
        ("pages of memory", needs.memory_pages, memory_pages),
        ("tables", needs.tables, engine::STORE_TABLES as u64),
        (
            "table elements",
            needs.table_elements,
            limits::TABLE_ELEMENTS,
        ),
        (
            "bytes of the engine's own",
            needs.engine_bytes,
            engine::COMPONENT_INSTANCE_BYTES as u64,
        ),
    ] {
        within("the component", what, needed, most)?;
    }
    Ok(())
}

fn within(who: &str, what: &str, needed: u64, most: u64) -> Result<(), Refusal> {
    if needed <= most {
        return Ok(());
    }
    let detail =
        format!("{who} needs {needed} {what} from the start, more than {most}; make do with less");
    Err(refusal("limits", &detail))
}

fn add_up(bytes: &[u8]) -> Result<Needs, Refusal> {
    let mut open = vec![Open::Component(Component::default())];
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|error| unreadable(&error))? {
            Payload::ModuleSection { .. } => open.push(Open::Module(Module::default())),
            Payload::ComponentSection { .. } => open.push(Open::Component(Component::default())),
            Payload::End(_) => {
                let ended = open.pop();
                match (ended, open.last_mut()) {
                    (Some(Open::Module(module)), Some(Open::Component(around))) => {
                        around.modules.push(Some(module.end()?));
                    }
                    (Some(Open::Component(inner)), Some(Open::Component(around))) => {
                        around.components.push(Some(inner.needs));
                    }
                    (Some(Open::Component(whole)), None) => return Ok(whole.needs),
                    _ => break,
                }
            }
            payload => read(&mut open, payload)?,
        }
    }
    Err(refusal("invalid", "the component has no end; rebuild it"))
}

fn read(open: &mut [Open], payload: Payload<'_>) -> Result<(), Refusal> {
    let Some((innermost, around)) = open.split_last_mut() else {
        return Ok(());
    };
    match innermost {
        Open::Module(module) => module.read(payload).map_err(|error| unreadable(&error)),
        Open::Component(component) => component.read(payload, around),
    }
}

fn unreadable(error: &BinaryReaderError) -> Refusal {
    let detail = format!("not readable at byte {}; rebuild it", error.offset());
    refusal("invalid", &detail)
}

impl Module {
    fn read(&mut self, payload: Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::ImportSection(section) => self.imports += u64::from(section.count()),
            Payload::FunctionSection(section) => self.functions += u64::from(section.count()),
            Payload::GlobalSection(section) => self.globals += u64::from(section.count()),
            Payload::ExportSection(section) => self.references += u64::from(section.count()),
            Payload::ElementSection(section) => {
                for element in section {
                    self.references += u64::from(match element?.items {
                        ElementItems::Functions(items) => items.count(),
                        ElementItems::Expressions(_, items) => items.count(),
                    });
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.needs.memories += 1;
                    let pages = &mut self.needs.memory_pages;
                    *pages = pages.saturating_add(memory?.initial);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    let elements = table?.ty.initial;
                    self.needs.tables += 1;
                    self.needs.table_elements = self.needs.table_elements.saturating_add(elements);
                    self.largest_table = self.largest_table.max(elements);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(mut self) -> Result<Needs, Refusal> {
        let most = engine::TABLE_ELEMENTS as u64;
        within("a table", "elements", self.largest_table, most)?;
        let most = u64::from(engine::MODULE_TABLES);
        within("a core module", "tables", self.needs.tables, most)?;
        // A global may hold a reference that nothing else names.
        let references = (self.references + self.globals).min(self.functions + self.imports);
        let entries = self.globals + references + self.needs.tables + self.needs.memories;
        let bytes = INSTANCE_BYTES + self.imports * IMPORT_BYTES + entries * ENTRY_BYTES;
        let most = engine::CORE_INSTANCE_BYTES as u64;
        within("a core module", "bytes of the engine's own", bytes, most)?;
        self.needs.instances = 1;
        self.needs.engine_bytes = bytes;
        Ok(self.needs)
    }
}

impl Component {
    fn read(&mut self, payload: Payload<'_>, around: &[Open]) -> Result<(), Refusal> {
        let unreadable = |error| unreadable(&error);
        match payload {
            Payload::InstanceSection(section) => {
                for instance in section {
                    if let Instance::Instantiate { module_index, .. } =
                        instance.map_err(unreadable)?
                    {
                        self.needs.add(figures(&self.modules, module_index)?);
                    }
                }
            }
            Payload::ComponentInstanceSection(section) => {
                for instance in section {
                    if let ComponentInstance::Instantiate {
                        component_index, ..
                    } = instance.map_err(unreadable)?
                    {
                        self.needs.add(figures(&self.components, component_index)?);
                        // Glue between components is a core instance of its own.
                        self.needs.add(Needs {
                            instances: 1,
                            engine_bytes: INSTANCE_BYTES,
                            ..Needs::default()
                        });
                    }
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                let bytes = u64::from(section.count()) * CROSSING_BYTES;
                self.needs.engine_bytes = self.needs.engine_bytes.saturating_add(bytes);
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    match import.map_err(unreadable)?.ty {
                        ComponentTypeRef::Module(_) => self.modules.push(None),
                        ComponentTypeRef::Component(_) => self.components.push(None),
                        _ => {}
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    let export = export.map_err(unreadable)?;
                    self.name(export.kind, Some(export.index));
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self.alias(&alias.map_err(unreadable)?, around);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A module or component gets one more index; without an old one it comes from outside.
    fn name(&mut self, kind: ComponentExternalKind, old: Option<u32>) {
        let of = |known: &[Option<Needs>]| {
            let old = old.and_then(|old| known.get(old as usize));
            old.copied().flatten()
        };
        match kind {
            ComponentExternalKind::Module => self.modules.push(of(&self.modules)),
            ComponentExternalKind::Component => self.components.push(of(&self.components)),
            _ => {}
        }
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>, around: &[Open]) {
        match *alias {
            ComponentAlias::InstanceExport { kind, .. } => self.name(kind, None),
            ComponentAlias::Outer { kind, count, index } => {
                let place = (around.len() as u64).checked_sub(u64::from(count));
                let outer = match place.and_then(|place| around.get(place as usize)) {
                    Some(Open::Component(outer)) => outer,
                    // None but itself is left.
                    _ => &*self,
                };
                let of = |known: &[Option<Needs>]| known.get(index as usize).copied().flatten();
                match kind {
                    ComponentOuterAliasKind::CoreModule => {
                        let needs = of(&outer.modules);
                        self.modules.push(needs);
                    }
                    ComponentOuterAliasKind::Component => {
                        let needs = of(&outer.components);
                        self.components.push(needs);
                    }
                    _ => {}
                }
            }
            ComponentAlias::CoreInstanceExport { .. } => {}
        }
    }
}

fn figures(known: &[Option<Needs>], index: u32) -> Result<Needs, Refusal> {
    known.get(index as usize).copied().flatten().ok_or_else(|| {
        refusal(
            "limits",
            "a part of the component instantiates what another part hands to it, so its needs cannot be told; instantiate modules where they are defined",
        )
    })
}
