//! Records of a platform's tables, as they leave it.

use super::told::RecordPlace;

/// A record.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Its table, or its class where it has one.
    pub(super) table: String,
    /// Where it begins.
    pub(super) at: RecordPlace,
    /// Whether an update set takes it away.
    pub(super) is_deleted: bool,
    /// Its fields, in the order written.
    pub(super) fields: Vec<FieldValue>,
}

/// A field of a record.
#[derive(Clone, Debug)]
pub(super) struct FieldValue {
    pub(super) name: String,
    /// What is stored; of a reference, the `sys_id` of what it refers to. Nothing where only what people see was
    /// exported.
    pub(super) stored: Option<String>,
    /// What people see.
    pub(super) displayed: Option<String>,
    /// Where it stands.
    pub(super) at: RecordPlace,
}

impl FieldValue {
    /// What is stored, and else what people see, without white space around it.
    pub(super) fn text(&self) -> &str {
        let text = self.stored.as_deref().or(self.displayed.as_deref());
        text.unwrap_or_default().trim()
    }

    /// What people see, and else what is stored, without white space around it.
    pub(super) fn shown(&self) -> &str {
        let text = self.displayed.as_deref().filter(|text| !text.is_empty());
        text.or(self.stored.as_deref()).unwrap_or_default().trim()
    }
}

impl Record {
    /// A field.
    pub(super) fn field(&self, name: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What is stored in a field, where something is.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let field = self.field(name)?;
        Some(field.text()).filter(|text| !text.is_empty())
    }

    /// By what other records refer to it.
    pub(super) fn id(&self) -> Option<&str> {
        self.text("sys_id")
    }

    /// What people call it.
    pub(super) fn name(&self) -> &str {
        self.text("name")
            .or_else(|| self.id())
            .unwrap_or("(no name)")
    }
}
