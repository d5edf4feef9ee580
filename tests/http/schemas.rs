//! As much of JSON Schema as the OpenAPI document uses: whether a value is as a schema says.

use serde_json::Value;
use std::collections::BTreeSet;

/// As much of JSON Schema as the document uses.
pub struct Schemas<'a>(pub &'a Value);

impl Schemas<'_> {
    pub fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.0.pointer(&reference[1..]).expect(reference),
            None => schema,
        }
    }

    /// The schemas of which all, and of which one, must fit.
    pub fn parts<'s>(&'s self, schema: &'s Value, words: &[&str]) -> Vec<&'s Value> {
        words.iter().filter_map(|word| schema[*word].as_array()).flatten().map(|part| self.resolved(part)).collect()
    }

    /// Every field that some form of it may have; `None` when it may have any.
    pub fn fields(&self, schema: &Value) -> Option<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        if schema.get("additionalProperties").is_some() || *schema == serde_json::json!({}) {
            return None;
        }
        names.extend(schema["properties"].as_object().into_iter().flat_map(|fields| fields.keys().cloned()));
        for part in self.parts(schema, &["allOf", "oneOf", "anyOf"]) {
            names.extend(self.fields(part)?);
        }
        Some(names)
    }

    /// What is wrong with a value, with its place.
    pub fn complaint(&self, at: &str, value: &Value, schema: &Value) -> Option<String> {
        let schema = self.resolved(schema);
        let types: Vec<&str> = match &schema["type"] {
            Value::String(one) => vec![one],
            Value::Array(some) => some.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !types.is_empty() && !types.iter().any(|kind| is(value, kind)) {
            return Some(format!("{at} is no {types:?}: {value}"));
        }
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            return Some(format!("{at}: {value} is none of {}", schema["enum"]));
        }
        let one_of = self.parts(schema, &["oneOf", "anyOf"]);
        if !one_of.is_empty() && one_of.iter().all(|part| self.complaint(at, value, part).is_some()) {
            return Some(format!("{at} fits none: {:?}", self.complaint(at, value, one_of[0])));
        }
        let mut all = self.parts(schema, &["allOf"]).into_iter();
        all.find_map(|part| self.complaint(at, value, part)).or_else(|| self.inside(at, value, schema))
    }

    fn inside(&self, at: &str, value: &Value, schema: &Value) -> Option<String> {
        if let Some(items) = schema.get("items") {
            let values = value.as_array().into_iter().flatten().enumerate();
            return values.filter_map(|(n, value)| self.complaint(&format!("{at}[{n}]"), value, items)).next();
        }
        let fields = value.as_object()?;
        let mut required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some(missing) = required.find(|name| !fields.contains_key(*name)) {
            return Some(format!("{at}.{missing} is not there"));
        }
        fields.iter().find_map(|(name, value)| {
            let schema = schema["properties"].get(name)?;
            self.complaint(&format!("{at}.{name}"), value, schema)
        })
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the document has a type `{other}`"),
    }
}
