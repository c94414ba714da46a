//! The registry of this crate's rules; ids are never reused, and `rules.txt` lists them.
//!
//! All say how a payload departs from what Healthcode's services are documented to send; whether
//! it follows FHIR is another matter.

healthcode_core::rule_registry! {
    HC_EXTENSION_VALUE = "HC-EXTENSION-VALUE", Error, "value",
        "invalid extension: it has no readable value and is kept",
        "Healthcode's samples give each extension one type of value. Look at the extension itself for what it holds.";
    HC_EXTENSION_VALUE_TYPE = "HC-EXTENSION-VALUE-TYPE", Warning, "value",
        "the type of the extension's value differs from the documented one; the value was converted",
        "Healthcode's samples give each extension one type of value. The text is taken as it stands; leading zeros that a number lost before it was sent cannot be recovered.";
    HC_EXTENSION_SHAPE = "HC-EXTENSION-SHAPE", Error, "structure",
        "invalid content of the extension",
        "FHIR R4 extensibility.html: an extension has a value or child extensions. Healthcode's profession is both: the outer one has children, the inner one a value.";
    HC_EXTENSION_CHILD_MISSING = "HC-EXTENSION-CHILD-MISSING", Warning, "required",
        "missing part of the extension: without it, its meaning is incomplete",
        "Healthcode's samples always have it. Its absence is not against FHIR.";
    HC_EXTENSION_UNKNOWN = "HC-EXTENSION-UNKNOWN", Information, "informational",
        "unknown extension: not documented here; it is kept",
        "Healthcode's documentation does not have it. It may be newer than this library; Healthcode counts new response attributes as compatible.";
    HC_EXTENSION_REPEATED = "HC-EXTENSION-REPEATED", Warning, "duplicate",
        "the extension occurs again where one is expected; the first is used, this one is kept",
        "Healthcode's samples have this extension once. Look at what is not recognised for the others.";
    HC_EXTENSION_DUPLICATE = "HC-EXTENSION-DUPLICATE", Warning, "duplicate",
        "another extension has the same meaning; both are kept",
        "Healthcode's samples have one group for each insurer, registration, profession and age group. The two may contradict each other.";
    HC_CODE_SYSTEM = "HC-CODE-SYSTEM", Warning, "code-invalid",
        "missing code system; the documented one is assumed",
        "Healthcode's samples name the system of each coding in extensions.";
    HC_DATE_FORM = "HC-DATE-FORM", Error, "value",
        "invalid date",
        "Healthcode's samples have dots, dd.MM.yyyy; ISO dates are accepted too. That the day comes first is an assumption that can be changed.";
    HC_DATE_NO_SUCH_DAY = "HC-DATE-NO-SUCH-DAY", Error, "value",
        "invalid date: the calendar has no such day",
        "Healthcode's samples have dates with dots; the day is assumed to come before the month. If the months seem out of range, try the other order.";
    HC_PAGE_NUMBER = "HC-PAGE-NUMBER", Error, "value",
        "invalid display of the paging tag",
        "Healthcode's Bundles have count, page and maxCount or maxRecords in meta.tag, with digits in display.";
    HC_PAGE_REPEATED = "HC-PAGE-REPEATED", Warning, "duplicate",
        "the paging tag occurs again; the first is used",
        "Healthcode's documentation: one Bundle is one page, with each tag once.";
    HC_PAGE_TOTAL = "HC-PAGE-TOTAL", Warning, "value",
        "Bundle.total is not the number of entries",
        "Healthcode's total counts the entries of the page. If the Bundle was complete, it may follow FHIR, where total counts all matches.";
    HC_PHOTO_ABSENT = "HC-PHOTO-ABSENT", Error, "required",
        "missing parameter photo with an attachment that has data",
        "Healthcode's Get Profile Photo answers with Parameters whose parameter photo has a valueAttachment.";
    HC_PHOTO_TRUNCATED = "HC-PHOTO-TRUNCATED", Error, "incomplete",
        "invalid base64: the data is cut off or malformed; what precedes that point is decoded",
        "RFC 4648 section 4. Logs and documentation cut long values. Fetch the photo again.";
    HC_PHOTO_NOT_IMAGE = "HC-PHOTO-NOT-IMAGE", Error, "value",
        "invalid photo: expected an image of a known type",
        "Healthcode's Get Profile Photo answers with an image. The data was looked at as it is and after a second base64 decoding.";
    HC_PHOTO_BASE64_TWICE = "HC-PHOTO-BASE64-TWICE", Information, "value",
        "base64 was applied twice",
        "Healthcode's photo sample is base64 of base64; both are undone.";
    HC_PHOTO_CONTENT_TYPE = "HC-PHOTO-CONTENT-TYPE", Information, "value",
        "contentType is not the media type of the image",
        "Healthcode's photo sample says UTF-8. The type is taken from the data.";
    HC_PHOTO_SIZE = "HC-PHOTO-SIZE", Warning, "value",
        "size is neither the number of bytes of the image nor that of its base64 text",
        "FHIR R4 datatypes.html#Attachment: size is the number of bytes of the data. The photo may be incomplete.";
    HC_ERROR_STATUS = "HC-ERROR-STATUS", Information, "processing",
        "the error's code is documented for another HTTP status",
        "Healthcode's documentation has a status for each code. Trust the status: codes and statuses may be added at any time.";
}
