//! The interface of lpchat as the compiled core states it.
//!
//! Records, enumerations, objects, defaults and doc comments come from UniFFI's metadata in the library of
//! `bindings/uniffi`; retry classes and wire values come from the registry, which the same macros fill.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};
use uniffi_bindgen::{BindgenLoader, BindgenPaths, GlobalConfig};
use uniffi_meta::{EnumMetadata, FieldMetadata, FnParamMetadata, Metadata, MethodMetadata, RecordMetadata, Type as Foreign};

/// A type, as far as languages differ in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    Text,
    Secret,
    /// The source of a JSON value.
    Json,
    Decimal,
    Timestamp,
    Duration,
    Bool,
    I32,
    I64,
    F64,
    Record(String),
    Enumeration(String),
    Object(String),
    Optional(Box<Type>),
    List(Box<Type>),
    /// Text to text.
    Map,
}

/// A field of a record, or a parameter.
#[derive(Debug, Clone)]
pub struct Field {
    /// In snake case.
    pub name: String,
    pub ty: Type,
    pub docs: String,
    /// Whether it may be left out.
    pub optional: bool,
}

impl Field {
    /// Whether it names a file or a folder, for which some languages have a type of their own.
    pub fn is_path(&self) -> bool {
        *innermost(&self.ty) == Type::Text && PATHS.contains(&self.name.as_str())
    }
}

/// What files and folders are called, wherever they are handed in.
const PATHS: [&str; 3] = ["ca_file", "directory", "path"];

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Users make it: requests and options.
    Input,
    /// A document of the service; it has the field `raw`.
    Answer,
    /// Data of our own.
    Plain,
}

#[derive(Debug, Clone)]
pub struct Record {
    /// In camel case.
    pub name: String,
    pub docs: String,
    pub role: Role,
    /// In the order of declaration, without `raw`.
    pub fields: Vec<Field>,
}

/// An open enumeration.
#[derive(Debug, Clone)]
pub struct Enumeration {
    pub name: String,
    pub docs: String,
    pub variants: Vec<Variant>,
}

#[derive(Debug, Clone)]
pub struct Variant {
    /// In camel case.
    pub name: String,
    /// The value on the wire.
    pub value: String,
    pub docs: String,
}

/// A method of an object.
#[derive(Debug, Clone)]
pub struct Method {
    /// In snake case.
    pub name: String,
    pub docs: String,
    /// Without the call's options.
    pub parameters: Vec<Field>,
    pub returns: Option<Type>,
    pub throws: bool,
    /// Operations have a retry class; other methods ask nothing of the service.
    pub retry: Option<lpchat::RetryClass>,
}

impl Method {
    /// Operations take the call's options and can be awaited.
    pub fn is_operation(&self) -> bool {
        self.retry.is_some()
    }

    /// Whether it only names something by its id, which this program need not have made.
    pub fn names_by_id(&self) -> bool {
        !self.is_operation() && matches!(&self.parameters[..], [only] if only.name == "id")
    }

    /// A method without parameters that cannot fail reads as a property.
    pub fn is_property(&self) -> bool {
        !self.is_operation() && self.parameters.is_empty() && !self.throws
    }
}

#[derive(Debug, Clone)]
pub struct Object {
    pub name: String,
    pub docs: String,
    /// The options its constructor takes, if users can make one.
    pub constructor: Option<Constructor>,
    pub methods: Vec<Method>,
}

#[derive(Debug, Clone)]
pub struct Constructor {
    pub docs: String,
    pub options: Field,
}

impl Object {
    pub fn operations(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|method| method.is_operation())
    }

    /// Whether it hands out pages: such objects get an idiomatic iterator in every language.
    pub fn is_pageable(&self) -> bool {
        self.has("next_page")
    }

    /// The record that its pages are, if it hands out any.
    pub fn page(&self) -> Option<&str> {
        let next = self.methods.iter().find(|method| method.name == "next_page")?;
        match innermost(next.returns.as_ref()?) {
            Type::Record(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it hands out events one by one: such objects are iterators in every language.
    pub fn is_stream(&self) -> bool {
        self.has("next_event")
    }

    /// Whether the method goes on with an iteration: nothing means the end then.
    pub fn iterates_by(&self, method: &Method) -> bool {
        (self.is_pageable() || self.is_stream())
            && method.name.starts_with("next_")
            && matches!(method.returns, Some(Type::Optional(_)))
    }

    /// Whether the method waits for one thing, so that a wait without it is no failure in languages of codes.
    pub fn may_stay_quiet(&self, method: &Method) -> bool {
        self.is_stream() && method.name == "next_event"
    }

    /// The operation that ends it with its scope: objects that have one are resources in every language.
    pub fn scope_end(&self) -> Option<&Method> {
        self.operations().find(|method| method.name == "close" || method.name == "leave")
    }

    fn has(&self, name: &str) -> bool {
        self.methods.iter().any(|method| method.name == name)
    }
}

/// Everything that languages render.
#[derive(Debug, Clone)]
pub struct Interface {
    /// The library that it was read from.
    pub library: Utf8PathBuf,
    pub records: Vec<Record>,
    pub enumerations: Vec<Enumeration>,
    pub objects: Vec<Object>,
}

impl Interface {
    /// Reads the interface out of the built library.
    pub fn load(library: &Utf8Path) -> Result<Self> {
        let loader = BindgenLoader::new(BindgenPaths::default(), GlobalConfig::default());
        let groups = loader.load_metadata(library).with_context(|| format!("cannot read the interface out of {library}"))?;
        let group = groups.get("lpchat").context("the library holds no interface of lpchat")?;
        let mut reading = Reading::default();
        for item in &group.items {
            reading.item(item)?;
        }
        reading.finish(library)
    }

    pub fn record(&self, name: &str) -> &Record {
        self.records.iter().find(|record| record.name == name).unwrap_or_else(|| panic!("no record {name}"))
    }

    pub fn object(&self, name: &str) -> &Object {
        self.objects.iter().find(|object| object.name == name).unwrap_or_else(|| panic!("no object {name}"))
    }

    /// The faces of objects that users make, each with its object and the property that gives it.
    pub fn faces(&self) -> Vec<(&Object, &Method, &Object)> {
        let mut faces = Vec::new();
        for object in self.objects.iter().filter(|object| object.constructor.is_some()) {
            for method in object.methods.iter().filter(|method| method.is_property()) {
                if let Some(Type::Object(name)) = &method.returns {
                    faces.push((object, method, self.object(name)));
                }
            }
        }
        faces
    }

    /// Records that users make to hand them in inside another one, in a list, or beside other parameters.
    pub fn nested_inputs(&self) -> Vec<&Record> {
        let mut used = BTreeSet::new();
        for parameter in self.objects.iter().flat_map(|object| &object.methods).flat_map(|method| &method.parameters) {
            if let (Type::List(_) | Type::Optional(_), Type::Record(name)) = (&parameter.ty, innermost(&parameter.ty)) {
                used.insert(name.clone());
            }
        }
        for record in self.records.iter().filter(|record| record.role == Role::Input) {
            for field in &record.fields {
                if let Type::Record(name) = innermost(&field.ty) {
                    used.insert(name.clone());
                }
            }
        }
        self.records.iter().filter(|record| used.contains(&record.name)).collect()
    }
}

/// The type inside `Optional` and `List`.
pub fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) | Type::List(inner) => innermost(inner),
        other => other,
    }
}

#[derive(Default)]
struct Reading {
    records: Vec<Record>,
    enumerations: Vec<Enumeration>,
    objects: BTreeMap<String, Object>,
    methods: Vec<(String, MethodMetadata)>,
    constructors: Vec<(String, Constructor)>,
}

impl Reading {
    fn item(&mut self, item: &Metadata) -> Result<()> {
        match item {
            // The error has a table of its own, which every language's error classes come from.
            Metadata::Enum(item) if item.name == "LpchatError" => {}
            Metadata::Enum(item) => self.enumerations.push(enumeration(item)?),
            Metadata::Record(item) => self.records.push(record(item)?),
            Metadata::Object(item) => {
                let docs = clean(item.docstring.as_deref());
                let object = Object { name: item.name.clone(), docs, constructor: None, methods: Vec::new() };
                self.objects.insert(item.name.clone(), object);
            }
            Metadata::Method(item) => self.methods.push((item.self_name.clone(), item.clone())),
            Metadata::Constructor(item) => {
                let [options] = &item.inputs[..] else {
                    bail!("the constructor of {} takes other than one record", item.self_name)
                };
                let constructor = Constructor { docs: clean(item.docstring.as_deref()), options: parameter(options)? };
                self.constructors.push((item.self_name.clone(), constructor));
            }
            Metadata::Namespace(_) | Metadata::CustomType(_) | Metadata::UdlFile(_) => {}
            Metadata::Func(item) => bail!("the interface has the free function {}, which no language renders", item.name),
            other => bail!("the interface has an item that no language renders: {other:?}"),
        }
        Ok(())
    }

    fn finish(mut self, library: &Utf8Path) -> Result<Interface> {
        let operations: BTreeMap<(&str, &str), lpchat::RetryClass> = lpchat::registry::operations()
            .into_iter()
            .map(|operation| ((operation.face, operation.name), operation.retry))
            .collect();
        ensure!(!operations.is_empty(), "the registry is empty");
        for (face, item) in &self.methods {
            if item.is_async {
                continue;
            }
            let retry = operations.get(&(face.as_str(), item.name.as_str())).copied();
            let method = method(item, retry)?;
            self.objects
                .get_mut(face)
                .with_context(|| format!("{}.{} belongs to no object", face, item.name))?
                .methods
                .push(method);
        }
        for (name, constructor) in self.constructors {
            self.objects.get_mut(&name).with_context(|| format!("no object {name}"))?.constructor = Some(constructor);
        }
        for (face, name) in operations.keys() {
            let known = self.objects.get(*face).is_some_and(|object| object.methods.iter().any(|method| method.name == *name));
            ensure!(known, "the operation {face}.{name} is not exported");
        }
        let mut interface = Interface {
            library: library.to_owned(),
            records: self.records,
            enumerations: self.enumerations,
            objects: self.objects.into_values().collect(),
        };
        assign_roles(&mut interface);
        Ok(interface)
    }
}

/// A record is an input when users hand it in; those with `raw` were marked as answers already.
fn assign_roles(interface: &mut Interface) {
    let mut inputs: BTreeSet<String> = BTreeSet::new();
    for object in &interface.objects {
        let parameters = object.methods.iter().flat_map(|method| &method.parameters);
        let options = object.constructor.iter().map(|constructor| &constructor.options);
        for parameter in parameters.chain(options) {
            if let Type::Record(name) = innermost(&parameter.ty) {
                inputs.insert(name.clone());
            }
        }
    }
    inputs.insert("CallOptions".to_owned());
    loop {
        let nested: BTreeSet<String> = interface
            .records
            .iter()
            .filter(|record| inputs.contains(&record.name))
            .flat_map(|record| &record.fields)
            .filter_map(|field| match innermost(&field.ty) {
                Type::Record(name) if !inputs.contains(name) => Some(name.clone()),
                _ => None,
            })
            .collect();
        if nested.is_empty() {
            break;
        }
        inputs.extend(nested);
    }
    for record in &mut interface.records {
        if inputs.contains(&record.name) && record.role == Role::Plain {
            record.role = Role::Input;
        }
    }
}

fn record(item: &RecordMetadata) -> Result<Record> {
    let mut fields = item.fields.iter().map(field).collect::<Result<Vec<_>>>()?;
    let is_raw = |field: &Field| field.name == "raw" && field.ty == Type::Json;
    let role = if fields.iter().any(is_raw) { Role::Answer } else { Role::Plain };
    fields.retain(|field| !is_raw(field));
    for field in &fields {
        ensure!(!field.docs.is_empty(), "{}.{} has no doc comment", item.name, field.name);
    }
    let docs = clean(item.docstring.as_deref());
    ensure!(!docs.is_empty(), "{} has no doc comment", item.name);
    Ok(Record { name: item.name.clone(), docs, role, fields })
}

fn field(item: &FieldMetadata) -> Result<Field> {
    let ty = ty(&item.ty).with_context(|| format!("the field {}", item.name))?;
    Ok(Field { name: item.name.clone(), ty, docs: clean(item.docstring.as_deref()), optional: item.default.is_some() })
}

fn parameter(item: &FnParamMetadata) -> Result<Field> {
    let ty = ty(&item.ty).with_context(|| format!("the parameter {}", item.name))?;
    Ok(Field { name: item.name.clone(), ty, docs: String::new(), optional: item.default.is_some() })
}

fn method(item: &MethodMetadata, retry: Option<lpchat::RetryClass>) -> Result<Method> {
    let parameters = item.inputs.iter().filter(|input| input.name != "options").map(parameter).collect::<Result<Vec<_>>>()?;
    let returns = item.return_type.as_ref().map(ty).transpose().with_context(|| format!("the result of {}", item.name))?;
    let docs = clean(item.docstring.as_deref());
    ensure!(!docs.is_empty(), "{}.{} has no doc comment", item.self_name, item.name);
    Ok(Method { name: item.name.clone(), docs, parameters, returns, throws: item.throws.is_some(), retry })
}

fn enumeration(item: &EnumMetadata) -> Result<Enumeration> {
    let known = lpchat::registry::enumerations();
    let registered =
        known.iter().find(|known| known.name == item.name).with_context(|| format!("{} is no open enumeration", item.name))?;
    let variants = item.variants.iter().filter(|variant| variant.name != "Other");
    let variants = variants.map(|variant| {
        let value = registered
            .values
            .iter()
            .find(|(name, _)| *name == variant.name)
            .with_context(|| format!("{} has no wire value", variant.name))?
            .1;
        Ok(Variant { name: variant.name.clone(), value: value.to_owned(), docs: clean(variant.docstring.as_deref()) })
    });
    Ok(Enumeration {
        name: item.name.clone(),
        docs: clean(item.docstring.as_deref()),
        variants: variants.collect::<Result<_>>()?,
    })
}

fn ty(foreign: &Foreign) -> Result<Type> {
    Ok(match foreign {
        Foreign::String => Type::Text,
        Foreign::Boolean => Type::Bool,
        Foreign::Int32 => Type::I32,
        Foreign::Int64 => Type::I64,
        Foreign::Float64 => Type::F64,
        Foreign::Duration => Type::Duration,
        Foreign::Record { name, .. } => Type::Record(name.clone()),
        Foreign::Enum { name, .. } => Type::Enumeration(name.clone()),
        Foreign::Object { name, .. } => Type::Object(name.clone()),
        Foreign::Box { inner_type } => ty(inner_type)?,
        Foreign::Optional { inner_type } => Type::Optional(Box::new(ty(inner_type)?)),
        Foreign::Sequence { inner_type } => Type::List(Box::new(ty(inner_type)?)),
        Foreign::Map { key_type, value_type } if **key_type == Foreign::String && **value_type == Foreign::String => Type::Map,
        Foreign::Custom { name, .. } => match name.as_str() {
            "Text" => Type::Text,
            "Secret" => Type::Secret,
            "Json" => Type::Json,
            "Decimal" => Type::Decimal,
            "Timestamp" => Type::Timestamp,
            other => bail!("no language knows the type {other}"),
        },
        other => bail!("no language renders the type {other:?}; unsigned integers cannot be called from Java"),
    })
}

/// A doc comment without the blank that rustc leaves in front of each line.
fn clean(docs: Option<&str>) -> String {
    let lines: Vec<&str> =
        docs.unwrap_or_default().lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    lines.join("\n").trim().to_owned()
}
