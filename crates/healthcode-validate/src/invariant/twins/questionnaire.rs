//! Twins for Questionnaire.

use crate::invariant::given::{Given, distinct, is, is_not};
use healthcode_r4::{
    Questionnaire, QuestionnaireItem, QuestionnaireItemEnableWhen,
    QuestionnaireItemEnableWhenAnswer as Answer,
};

const WITH_CHOICES: &[&str] = &[
    "choice",
    "open-choice",
    "decimal",
    "integer",
    "date",
    "dateTime",
    "time",
    "string",
    "quantity",
];
const WITH_LENGTH: &[&str] = &[
    "boolean",
    "decimal",
    "integer",
    "string",
    "text",
    "url",
    "open-choice",
];
const DISPLAY: &[&str] = &["display"];

twins! {
    "que-1": QuestionnaireItem, |it| match it.type_.as_str() {
        Some("group") => it.item.given(),
        Some("display") => !it.item.given(),
        type_ => type_.is_some(),
    };
    "que-2": Questionnaire, |it| {
        let mut ids = Vec::new();
        link_ids(&it.item, &mut ids);
        distinct(ids.into_iter())
    };
    "que-3": QuestionnaireItem, |it| is_not(&it.type_, DISPLAY) || !it.code.given();
    "que-4": QuestionnaireItem, |it| !it.answer_option.given() || !it.answer_value_set.given();
    "que-5": QuestionnaireItem, |it| is(&it.type_, WITH_CHOICES)
        || (!it.answer_value_set.given() && !it.answer_option.given());
    "que-6": QuestionnaireItem, |it| is_not(&it.type_, DISPLAY)
        || (!it.required.given() && !it.repeats.given());
    "que-7": QuestionnaireItemEnableWhen, |it| !is(&it.operator, &["exists"])
        || matches!(it.answer, None | Some(Answer::Boolean(_)));
    "que-8": QuestionnaireItem, |it| is_not(&it.type_, &["group", "display"]) || !it.initial.given();
    "que-9": QuestionnaireItem, |it| is_not(&it.type_, DISPLAY) || !it.read_only.given();
    "que-10": QuestionnaireItem, |it| !is_not(&it.type_, WITH_LENGTH) || !it.max_length.given();
    "que-11": QuestionnaireItem, |it| !it.answer_option.given() || !it.initial.given();
    "que-12": QuestionnaireItem, |it| it.enable_when.len() <= 1 || it.enable_behavior.given();
    "que-13": QuestionnaireItem, |it| it.repeats == true || it.initial.len() <= 1;
}

/// The linkIds of items and the items below them.
fn link_ids<'v>(items: &'v [QuestionnaireItem], ids: &mut Vec<&'v str>) {
    for item in items {
        ids.extend(item.link_id.as_str());
        link_ids(&item.item, ids);
    }
}
