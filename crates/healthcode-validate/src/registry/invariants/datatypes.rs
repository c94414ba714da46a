//! The invariants of data types, and of narratives.

healthcode_core::rule_registry! {
    ATT_1 = "att-1", Error, "invariant",
        "an attachment has data and no content type",
        "FHIR R4 datatypes.html#Attachment: name the media type of data in contentType.";
    CPT_2 = "cpt-2", Error, "invariant",
        "a contact point has a value and no system",
        "FHIR R4 datatypes.html#ContactPoint: say in system what the value is: phone, fax, email, url and so on.";
    QTY_3 = "qty-3", Error, "invariant",
        "a quantity has a coded unit and no system",
        "FHIR R4 datatypes.html#Quantity: name the code system of code, such as http://unitsofmeasure.org, in system.";
    SQTY_1 = "sqty-1", Error, "invariant",
        "a comparator stands where only plain quantities are allowed",
        "FHIR R4 datatypes.html#SimpleQuantity: leave comparator out; this element takes an exact value.";
    AGE_1 = "age-1", Error, "invariant",
        "an age has no coded unit, a unit that is not UCUM's, or a value that is not positive",
        "FHIR R4 datatypes.html#Age: give a value above zero with a unit of time as code and http://unitsofmeasure.org as system.";
    CNT_3 = "cnt-3", Error, "invariant",
        "a count has a fraction, or a unit other than 1",
        "FHIR R4 datatypes.html#Count: give a whole number as value and 1 as code, with http://unitsofmeasure.org as system.";
    DIS_1 = "dis-1", Error, "invariant",
        "a distance has no coded unit, or one that is not UCUM's",
        "FHIR R4 datatypes.html#Distance: give a unit of length as code and http://unitsofmeasure.org as system.";
    DRT_1 = "drt-1", Error, "invariant",
        "a duration has a coded unit without value, or one that is not UCUM's",
        "FHIR R4 datatypes.html#Duration: give the value, and http://unitsofmeasure.org as the system of code.";
    MQTY_1 = "mqty-1", Error, "invariant",
        "an amount of money has no currency code, or one of another system",
        "FHIR R4 datatypes.html#MoneyQuantity: give the currency as code and urn:iso:std:iso:4217 as system.";
    RNG_2 = "rng-2", Error, "invariant",
        "the range begins above its end",
        "FHIR R4 datatypes.html#Range: swap low and high, or mend their values.";
    RAT_1 = "rat-1", Error, "invariant",
        "the ratio is half there",
        "FHIR R4 datatypes.html#Ratio: give both numerator and denominator, or neither with an extension that says why.";
    PER_1 = "per-1", Error, "invariant",
        "the period ends before it starts",
        "FHIR R4 datatypes.html#Period: swap start and end, or mend the dates and their zones.";
    TIM_1 = "tim-1", Error, "invariant",
        "a duration has no unit",
        "FHIR R4 datatypes.html#Timing: give durationUnit with duration.";
    TIM_2 = "tim-2", Error, "invariant",
        "a timing's period has no unit",
        "FHIR R4 datatypes.html#Timing: give periodUnit with period.";
    TIM_4 = "tim-4", Error, "invariant",
        "a duration is negative",
        "FHIR R4 datatypes.html#Timing: give a duration of zero or more.";
    TIM_5 = "tim-5", Error, "invariant",
        "a timing's period is negative",
        "FHIR R4 datatypes.html#Timing: give a period of zero or more.";
    TIM_6 = "tim-6", Error, "invariant",
        "a longest period stands without period",
        "FHIR R4 datatypes.html#Timing: give period as well as periodMax.";
    TIM_7 = "tim-7", Error, "invariant",
        "a longest duration stands without duration",
        "FHIR R4 datatypes.html#Timing: give duration as well as durationMax.";
    TIM_8 = "tim-8", Error, "invariant",
        "a highest count stands without count",
        "FHIR R4 datatypes.html#Timing: give count as well as countMax.";
    TIM_9 = "tim-9", Error, "invariant",
        "an offset has no event to be counted from",
        "FHIR R4 datatypes.html#Timing: give an event in when, and none of the meals as such (C, CM, CD, CV).";
    TIM_10 = "tim-10", Error, "invariant",
        "a timing has both times of the day and events",
        "FHIR R4 datatypes.html#Timing: give either timeOfDay or when.";
    REF_1 = "ref-1", Error, "invariant",
        "a reference names a contained resource that is not there",
        "FHIR R4 references.html#Reference: contain the resource under this id, or mend the reference.";
    EXT_1 = "ext-1", Error, "invariant",
        "an extension has both a value and extensions, or neither",
        "FHIR R4 extensibility.html#Extension: give an extension either value[x] or extensions of its own.";
    DRQ_1 = "drq-1", Error, "invariant",
        "a filter by code names both a path and a search parameter, or neither",
        "FHIR R4 metadatatypes.html#DataRequirement: give either path or searchParam.";
    DRQ_2 = "drq-2", Error, "invariant",
        "a filter by date names both a path and a search parameter, or neither",
        "FHIR R4 metadatatypes.html#DataRequirement: give either path or searchParam.";
    EXP_1 = "exp-1", Error, "invariant",
        "an expression is neither written nor referred to",
        "FHIR R4 metadatatypes.html#Expression: give expression or reference.";
    TRD_1 = "trd-1", Error, "invariant",
        "a trigger has both data and a timing",
        "FHIR R4 metadatatypes.html#TriggerDefinition: give either data or timing.";
    TRD_2 = "trd-2", Error, "invariant",
        "a trigger has a condition and no data that it could be of",
        "FHIR R4 metadatatypes.html#TriggerDefinition: give data, or leave condition out.";
    TRD_3 = "trd-3", Error, "invariant",
        "a trigger lacks what its type asks for",
        "FHIR R4 metadatatypes.html#TriggerDefinition: give name for a named event, timing for a periodic one, data for a change of data.";
    TXT_1 = "txt-1", Error, "invariant",
        "the narrative holds elements or attributes that are not allowed",
        "FHIR R4 narrative.html#Narrative: keep to the formatting of HTML that FHIR allows: no scripts, forms, frames, event attributes or links to style sheets.";
    TXT_2 = "txt-2", Error, "invariant",
        "the narrative is empty",
        "FHIR R4 narrative.html#Narrative: put text or an image into div, or leave text out.";
}
