//! [`Header`]: the facts of a definition that the index needs, found without reading the whole definition.

use healthcode_r4::Resource;
use healthcode_xml::either;

/// The kind, URL and version of a definition, and the facts that decide which of several definitions is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) resource_type: String,
    pub(crate) url: String,
    pub(crate) version: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) supplements: Option<String>,
    /// The value set that has all codes of a code system.
    pub(crate) value_set: Option<String>,
    /// Whether it has content: elements, codes, or the composition of a value set.
    pub(crate) is_defined: bool,
}

/// The text is neither JSON nor XML, or ends too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

impl Header {
    /// The header of a resource in JSON or XML; only the type if the resource is not a definition.
    pub(crate) fn read(text: &[u8]) -> Result<Header, Broken> {
        let mut header = Header::default();
        let each = &mut |name: &str, value: Option<&str>| {
            header.note(name, value);
            name != "resourceType" || header.is_wanted()
        };
        either::outline(text, each).ok_or(Broken)?;
        Ok(header)
    }

    /// The header of a resource that was read; `None` if it is not used as a definition.
    pub(crate) fn of_resource(resource: &Resource) -> Option<Header> {
        let text = |text: Option<&str>| text.map(|text| text.trim().to_owned());
        let header = match resource {
            Resource::StructureDefinition(definition) => Header {
                url: text(definition.url.as_str())?,
                version: text(definition.version.as_str()),
                is_defined: definition.snapshot.is_some() || definition.differential.is_some(),
                ..Header::default()
            },
            Resource::ValueSet(definition) => Header {
                url: text(definition.url.as_str())?,
                version: text(definition.version.as_str()),
                is_defined: definition.compose.is_some() || definition.expansion.is_some(),
                ..Header::default()
            },
            Resource::CodeSystem(definition) => Header {
                url: text(definition.url.as_str())?,
                version: text(definition.version.as_str()),
                content: text(definition.content.as_str()),
                supplements: text(definition.supplements.as_str()),
                value_set: text(definition.value_set.as_str()),
                ..Header::default()
            },
            _ => return None,
        };
        let header = Header {
            resource_type: resource.resource_type().unwrap_or_default().to_owned(),
            ..header
        };
        header.is_definition().then_some(header)
    }

    pub(crate) fn is_definition(&self) -> bool {
        self.is_wanted() && !self.url.is_empty()
    }

    /// Whether definitions of this type are used; the index has no others.
    fn is_wanted(&self) -> bool {
        matches!(
            &*self.resource_type,
            "StructureDefinition" | "ValueSet" | "CodeSystem"
        )
    }

    fn note(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(|value| value.trim().to_owned());
        match name {
            "resourceType" => self.resource_type = value.unwrap_or_default(),
            "url" => self.url = value.unwrap_or_default(),
            "version" => self.version = value,
            "content" => self.content = value,
            "supplements" => self.supplements = value,
            "valueSet" => self.value_set = value,
            "snapshot" | "differential" | "compose" | "expansion" => self.is_defined = true,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Option<Header>, Broken> {
        let header = Header::read(text.as_bytes())?;
        Ok(header.is_definition().then_some(header))
    }

    #[test]
    fn headers() {
        let json = "\u{feff} {\"resourceType\":\"CodeSystem\",\"text\":{\"div\":\"<a b='}'>\\\"]\"},\
            \"contact\":[{\"url\":\"no\"}],\"url\":\"http:\\/\\/a\",\"version\":\"1\",\"content\":\"complete\"}";
        let xml = "<?xml version='1.0'?><!-- <url value='no'/> --><CodeSystem xmlns=\"x\">\
            <text><div>a &gt; b<br/></div></text><contact><url value='no'/></contact>\
            <url id='>' value = 'http://a'/><version value=\"1\"/><content value='complete'/></CodeSystem>";
        for text in [json, xml] {
            let header = of(text).unwrap().unwrap();
            assert_eq!(header.resource_type, "CodeSystem");
            assert_eq!(
                (&*header.url, header.version.as_deref()),
                ("http://a", Some("1"))
            );
            assert_eq!(header.content.as_deref(), Some("complete"));
        }
        for text in [
            "",
            "{",
            "<",
            "[]",
            "no",
            "{\"resourceType\":\"ValueSet\",\"url\":\"http://a\"",
            "<ValueSet><url value='x'/>",
            "</a>",
        ] {
            assert_eq!(of(text), Err(Broken), "{text}");
        }
        for text in [
            "{}",
            "{\"resourceType\":\"Patient\",\"url\":\"http://a\"}",
            "{\"resourceType\":\"ValueSet\"}",
            "<Patient><url value='x'/>",
            "<ValueSet/>",
        ] {
            assert_eq!(of(text), Ok(None), "{text}");
        }
        let amp = "<ValueSet><url value='http://a?b&amp;c'/><compose/></ValueSet>";
        let header = of(amp).unwrap().unwrap();
        assert_eq!(header.url, "http://a?b&c");
        assert!(header.is_defined);
    }
}
