//! XML as elements that know where they stand.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::told::{ImportNotes, RecordPlace};
use crate::yaml::Span;

/// How deep elements may stand in each other; an export has four.
const DEEPEST: usize = 32;

/// The most elements of one text.
const MOST_ELEMENTS: usize = 1_000_000;

/// An element.
#[derive(Clone, Debug, Default)]
pub(super) struct XmlElement {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    /// The text in it, without what stands in other elements.
    pub(super) text: String,
    pub(super) children: Vec<XmlElement>,
    /// Its start tag.
    pub(super) span: Span,
}

impl XmlElement {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let named = self.attributes.iter().find(|(have, _)| have == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text without white space around it.
    pub(super) fn trimmed(&self) -> &str {
        self.text.trim()
    }
}

/// Reads the one element of a document; nothing where it is no XML, which is told.
pub(super) fn read(text: &str, source: usize, told: &mut ImportNotes) -> Option<XmlElement> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = false;
    let mut open: Vec<XmlElement> = Vec::new();
    let mut root = None;
    let mut count = 0;
    loop {
        let start = position(reader.buffer_position());
        let event = reader.read_event();
        let at = |end: u64| RecordPlace {
            source,
            span: Span::new(start, position(end)),
        };
        let here = at(reader.buffer_position());
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                let from = position(reader.error_position());
                let span = Span::new(from, from + 1);
                told.error(
                    RecordPlace { source, span },
                    format!("this is not XML: {error}"),
                    "export it again, or cut out what does not belong to it",
                );
                return None;
            }
        };
        match event {
            Event::Start(tag) => {
                count += 1;
                if open.len() >= DEEPEST || count > MOST_ELEMENTS {
                    told.error(
                        here,
                        "elements stand too deep in each other, or there are too many",
                        format!(
                            "an export has at most {DEEPEST} levels and {MOST_ELEMENTS} elements"
                        ),
                    );
                    return None;
                }
                open.push(begun(&tag, here, told)?);
            }
            Event::Empty(tag) => {
                count += 1;
                let element = begun(&tag, here, told)?;
                close(element, &mut open, &mut root);
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(element, &mut open, &mut root);
                }
            }
            Event::Text(words) => {
                let words = words.xml10_content().unwrap_or_default();
                match open.last_mut() {
                    Some(element) => element.text.push_str(&words),
                    None if words.trim().trim_start_matches('\u{feff}').is_empty() => {}
                    None => {
                        told.error(
                            here,
                            "text stands outside of all elements",
                            "an export is one element, `<unload>`",
                        );
                        return None;
                    }
                }
            }
            Event::CData(words) => {
                if let Some(element) = open.last_mut() {
                    element
                        .text
                        .push_str(&words.xml10_content().unwrap_or_default());
                }
            }
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content().unwrap_or_default();
                let text = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    _ => resolve_predefined_entity(&name).map(str::to_owned),
                };
                let (Some(text), Some(element)) = (text, open.last_mut()) else {
                    told.error(
                        here,
                        format!("`&{name};` stands for nothing"),
                        "write `&amp;` for `&`",
                    );
                    return None;
                };
                element.text.push_str(&text);
            }
            Event::DocType(_) => {
                told.error(
                    here,
                    "a document type is not read",
                    "take it out: no export has one",
                );
                return None;
            }
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if let Some(element) = open.last() {
        let at = RecordPlace {
            source,
            span: element.span,
        };
        told.error(
            at,
            format!("`<{}>` is not closed", element.name),
            "the text ends within it: export it again",
        );
        return None;
    }
    if root.is_none() {
        let span = Span::new(0, 1);
        told.error(
            RecordPlace { source, span },
            "there is no element in it",
            "an export is one element, `<unload>`",
        );
    }
    root
}

fn close(element: XmlElement, open: &mut [XmlElement], root: &mut Option<XmlElement>) {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

/// An element of which the start tag was read.
fn begun(tag: &BytesStart<'_>, at: RecordPlace, told: &mut ImportNotes) -> Option<XmlElement> {
    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let read = attribute.ok().and_then(|one| {
            let value = one.normalized_value(XmlVersion::Implicit1_0).ok()?;
            let key = String::from_utf8_lossy(one.key.as_ref()).into_owned();
            Some((key, value.into_owned()))
        });
        let Some(read) = read else {
            told.error(
                at,
                format!("an attribute of `<{name}>` cannot be read"),
                "an attribute is written `name=\"value\"`, once",
            );
            return None;
        };
        attributes.push(read);
    }
    Some(XmlElement {
        name,
        attributes,
        span: at.span,
        ..XmlElement::default()
    })
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
