//! What an element of a differential changes of the one that it inherits.

use super::node::{self, code_of};
use super::snapshot::Builder;
use healthcode_r4::codes::{BindingStrength, SlicingRules};
use healthcode_r4::{ElementDefinition, ElementDefinitionBinding, ElementDefinitionType};
use serde_json::{Map, Value};

impl Builder<'_> {
    /// Changes a definition by what a differential states.
    pub(super) fn apply(
        &mut self,
        to: &mut ElementDefinition,
        by: &ElementDefinition,
        is_root: bool,
    ) {
        self.apply_counts(to, by, is_root);
        if !by.type_.is_empty() {
            self.apply_types(to, by);
        }
        if let Some(slicing) = &by.slicing {
            let closed = Some(&SlicingRules::Closed);
            let was_closed = to
                .slicing
                .as_ref()
                .is_some_and(|slicing| slicing.rules.value() == closed);
            let mut slicing = slicing.clone();
            // What the base closes stays closed.
            if was_closed && slicing.rules.value() != closed {
                self.problem("its slicing is open, and that of the base is closed");
                slicing.rules = SlicingRules::Closed.into();
            }
            to.slicing = Some(slicing);
        }
        match (&to.fixed, &by.fixed) {
            (_, None) => {}
            (Some(own), Some(other)) if own != other => {
                self.problem("its fixed value is not that of the base");
            }
            (own, Some(_)) => {
                if own.is_none() {
                    self.note_restored();
                }
                to.fixed = by.fixed.clone();
            }
        }
        if by.pattern.is_some() {
            if to.pattern.is_none() {
                self.note_restored();
            }
            join_patterns(to, by);
        }
        if by.min_value.is_some() {
            to.min_value = by.min_value.clone();
        }
        if by.max_value.is_some() {
            to.max_value = by.max_value.clone();
        }
        if by.max_length.get().is_some() {
            to.max_length = by.max_length.clone();
        }
        if let Some(binding) = &by.binding {
            match &mut to.binding {
                // What the base requires stays required (profiling.html#binding).
                Some(own) if is_required(own) && is_weaker(binding) => {
                    self.problem("its binding is weaker than that of the base");
                }
                Some(own) => apply_binding(own, binding),
                None => to.binding = Some(binding.clone()),
            }
        }
        for constraint in &by.constraint {
            if !to.constraint.iter().any(|one| one.key == constraint.key) {
                self.note_restored();
                to.constraint.push(constraint.clone());
            }
        }
        // What is to be supported stays so (ElementDefinition.mustSupport).
        if by.must_support.get().is_some() && to.must_support.get() != Some(true) {
            to.must_support = by.must_support.clone();
        }
        if by.is_modifier.get().is_some() {
            to.is_modifier = by.is_modifier.clone();
        }
        if !by.short.is_empty() {
            to.short = by.short.clone();
        }
        if !by.definition.is_empty() {
            to.definition = by.definition.clone();
        }
    }

    fn apply_counts(&mut self, to: &mut ElementDefinition, by: &ElementDefinition, is_root: bool) {
        if let Some(min) = by.min.get() {
            let base = to.min.get();
            if !is_root && base.is_some_and(|base| min < base) {
                self.problem("its minimum is below that of the base");
            } else {
                if !is_root && base.is_none_or(|base| min > base) {
                    self.note_restored();
                }
                to.min = min.into();
            }
        }
        if let Some(max) = by.max.as_str() {
            let number = |text: &str| text.parse::<u32>().ok();
            let base = to.max.as_str().and_then(number);
            let wider = match (base, number(max)) {
                (Some(base), Some(max)) => max > base,
                (Some(_), None) => max == "*",
                _ => false,
            };
            // The root's own numbers are of no consequence.
            if wider && !is_root {
                self.problem("its maximum is above that of the base");
            } else if max != "*" && number(max).is_none() {
                self.problem("its maximum is neither a number nor *");
            } else {
                if !is_root && number(max).is_some() && base != number(max) {
                    self.note_restored();
                }
                to.max = max.into();
            }
        }
    }

    fn apply_types(&mut self, to: &mut ElementDefinition, by: &ElementDefinition) {
        let base = &to.type_;
        let known = |one: &ElementDefinitionType| {
            base.is_empty()
                || base
                    .iter()
                    .any(|b| code_of(b) == code_of(one) || node::is_abstract(code_of(b)))
        };
        if !by.type_.iter().all(known) {
            self.problem("its types are not among those of the base");
        }
        if by.type_.len() < base.len() {
            self.note_restored();
        }
        to.type_ = by.type_.clone();
    }
}

fn is_required(binding: &ElementDefinitionBinding) -> bool {
    binding.strength.value() == Some(&BindingStrength::Required)
}

/// Whether a binding states a strength, and does not require codes.
fn is_weaker(binding: &ElementDefinitionBinding) -> bool {
    binding.strength.value().is_some() && !is_required(binding)
}

/// Changes a binding by what a differential states; the rest stays.
fn apply_binding(to: &mut ElementDefinitionBinding, by: &ElementDefinitionBinding) {
    if by.strength.value().is_some() {
        to.strength = by.strength.clone();
    }
    if !by.value_set.is_empty() {
        to.value_set = by.value_set.clone();
    }
    if !by.description.is_empty() {
        to.description = by.description.clone();
    }
    for extension in &by.extension {
        to.extension.retain(|own| own.url != extension.url);
    }
    to.extension.extend(by.extension.iter().cloned());
}

/// Adds a pattern to the one that is inherited: values have what both have.
fn join_patterns(to: &mut ElementDefinition, by: &ElementDefinition) {
    let joined = || -> Option<ElementDefinition> {
        let (mut base, own) = (pattern_of(to)?, pattern_of(by)?);
        if base.keys().ne(own.keys()) {
            return None;
        }
        for (name, value) in own {
            join(base.get_mut(&name)?, value);
        }
        let text = Value::Object(base).to_string();
        let read = healthcode_json::from_slice::<ElementDefinition>(text.as_bytes());
        read.ok().map(|read| read.value)
    };
    to.pattern = match joined() {
        Some(joined) => joined.pattern,
        None => by.pattern.clone(),
    };
}

/// The member of JSON that holds an element's pattern.
fn pattern_of(element: &ElementDefinition) -> Option<Map<String, Value>> {
    let alone = ElementDefinition {
        pattern: Some(element.pattern.clone()?),
        ..ElementDefinition::default()
    };
    match serde_json::from_str(&healthcode_json::to_string(&alone)) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// Adds what a pattern has to another one. Each item of an array is to be found among a value's.
fn join(to: &mut Value, by: Value) {
    match (to, by) {
        (Value::Object(to), Value::Object(by)) => {
            for (name, value) in by {
                match to.get_mut(&name) {
                    Some(own) => join(own, value),
                    None => {
                        to.insert(name, value);
                    }
                }
            }
        }
        (Value::Array(to), Value::Array(by)) => {
            for item in by {
                if !to.contains(&item) {
                    to.push(item);
                }
            }
        }
        (to, by) => *to = by,
    }
}
