//! What each type accepts, what it reads leniently, and how it says what is wrong.

use healthcode_uk::*;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::str::FromStr;

/// A type under test.
trait Subject: FromStr<Err = IdError> + for<'a> TryFrom<&'a str, Error = IdError> + Debug + Eq {
    fn lenient(text: &str) -> Written<Self>;
    fn plain(&self) -> &str;
}

macro_rules! subjects {
    ($($name:ident $plain:ident)*) => {
        $(impl Subject for $name {
            fn lenient(text: &str) -> Written<Self> {
                $name::from_payload(text)
            }
            fn plain(&self) -> &str {
                self.$plain()
            }
        })*
    };
}

subjects! {
    NhsNumber expose SdsUserId expose SdsRoleProfileId expose Postcode expose PostcodePrefix expose
    OutwardCode as_str OdsCode as_str Asid as_str PartyKey as_str InteractionId as_str
    GmcNumber as_str GmpNumber as_str NmcNumber as_str GphcNumber as_str HcpcNumber as_str
}

fn short<T: Subject>(result: Result<&T, IdError>) -> String {
    let problem = match result {
        Ok(value) => return format!("ok {}", value.plain()),
        Err(error) => error.problem(),
    };
    match problem {
        Problem::Length { found } => format!("length {found}"),
        Problem::Separator { position } => format!("separator {position}"),
        Problem::LowerCase { position } => format!("lower {position}"),
        Problem::Character { position } => format!("character {position}"),
        Problem::Missing { character } => format!("missing {character}"),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// A case a line: the input, in quotes if it matters; what strict parsing says; and what lenient
/// reading says, if it is something else. `ok` stands for the input itself.
fn check<T: Subject>(cases: &str) {
    for case in cases.trim().lines() {
        let columns: Vec<&str> = case.split(';').map(str::trim).collect();
        let input = columns[0].trim_matches('\'');
        let strict = match columns[1] {
            "ok" => format!("ok {input}"),
            problem => problem.to_owned(),
        };
        let parsed = input.parse::<T>();
        assert_eq!(parsed, T::try_from(input), "{case}");
        assert_eq!(short(parsed.as_ref().map_err(|e| *e)), strict, "{case}");

        let written = T::lenient(input);
        let expect = columns.get(2).map_or(strict, ToString::to_string);
        assert_eq!(short(written.result()), expect, "{case}, leniently");
        assert_eq!(written.value(), written.result().ok());
        assert_eq!(written.as_written(), input);
    }
}

#[test]
fn nhs_number() {
    check::<NhsNumber>(
        "9000000009        ; ok
         9000000017        ; ok
         9000000025        ; ok
         9000000033        ; ok
         9000000084        ; ok
         9876543210        ; ok
         9434765919        ; ok
         4010232137        ; ok
         9990548609        ; ok
         9733162868        ; ok
         9111231130        ; ok
         9000000000        ; checkdigit
         6101231234        ; checkdigit
         1233211300        ; checkdigit
         1234567890        ; nocheckdigit
         ''                ; empty
         ' - '             ; separator 1  ; empty
         900000000         ; length 9
         90000000090       ; length 11
         900 000 0009      ; separator 4  ; ok 9000000009
         900-000-0009      ; separator 4  ; ok 9000000009
         '\t9000000009\r ' ; separator 1  ; ok 9000000009
         900\u{a0}000\u{2013}0009\u{feff} ; separator 4 ; ok 9000000009
         900 000 0000      ; separator 4  ; checkdigit
         90000O0009        ; character 6
         ٩٠٠٠٠٠٠٠٠٩        ; character 1
         NHS9000000009     ; length 13",
    );
    let number = NhsNumber::parse("9434765919").unwrap();
    assert_eq!(number.formatted(), "943 476 5919");
}

#[test]
fn organisations_and_systems() {
    check::<OdsCode>(
        "RR8     ; ok
         A1001   ; ok
         Y12345  ; ok
         LSP0101 ; ok
         RR      ; length 2
         ''      ; empty
         a1001   ; lower 1     ; ok A1001
         RR 8    ; separator 3 ; ok RR8
         RR8*    ; character 4
         RRÉ     ; character 3",
    );
    check::<Asid>(
        "928942012545   ; ok
         92894201254    ; length 11
         92894201254X   ; character 12
         9289 4201 2545 ; separator 5 ; ok 928942012545",
    );
    check::<PartyKey>(
        "YES-0000806    ; ok
         F2R5Q-823886   ; ok
         P83020-0005239 ; ok
         ''             ; empty
         YES0000806     ; missing -
         YE-0000806     ; length 10
         YES-806        ; length 7
         YES-00O0806    ; character 7
         YES-000 806    ; separator 8  ; ok YES-000806
         yes-0000806    ; lower 1      ; ok YES-0000806
         YES \u{2013} 0000806 ; separator 4 ; ok YES-0000806
         FAKE-PARTY-KEY ; separator 11",
    );
    let key = PartyKey::parse("F2R5Q-823886").unwrap();
    assert_eq!(key.ods_code(), OdsCode::parse("F2R5Q").unwrap());
}

#[test]
fn interaction_id() {
    check::<InteractionId>(
        "urn:nhs:names:services:gpconnect:fhir:rest:search:patient_appointments-1 ; ok
         urn:nhs:names:services:gp2gp:RCMR_IN010000UK05    ; ok
         'urn:nhs:names:services:gp2gp:RCMR_IN010000UK05 ' ; separator 47 ; ok urn:nhs:names:services:gp2gp:RCMR_IN010000UK05
         ''                                  ; empty
         urn:nhs                             ; length 7
         urn:nhs:names:services:             ; length 23
         urn:nhs:names:service:gp2gp:RCMR    ; character 22
         urn:nhs:names:services:pdsquery     ; missing :
         urn:nhs:names:services:gp2gp:       ; character 29
         urn:nhs:names:services::RCMR        ; character 24
         urn:nhs:names:services:gp2gp::RCMR  ; character 30
         urn:nhs:names:services:gp 2gp:RCMR  ; separator 26
         urn:nhs:names:services:gp2gp:RCMR/1 ; character 34",
    );
    let id = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1";
    let id = InteractionId::parse(id).unwrap();
    assert_eq!(id.service(), "gpconnect");
    assert_eq!(id.interaction(), "fhir:operation:gpc.getstructuredrecord-1");
}

#[test]
fn staff() {
    check::<SdsUserId>(
        "200009876204    ; ok
         1415870201      ; ok
         UNK             ; ok
         unk             ; lower 1 ; ok UNK
         G13579135       ; length 9
         111222333444555 ; length 15
         11122233344X    ; character 12",
    );
    check::<SdsRoleProfileId>(
        "100077650987    ; ok
         UNK             ; ok
         1000 7765 0987  ; separator 5 ; ok 100077650987
         1415870201      ; length 10",
    );
    assert!(SdsUserId::no_smartcard().is_no_smartcard());
    assert!(!SdsUserId::parse("200009876204").unwrap().is_no_smartcard());
    let role = SdsRoleProfileId::parse("UNK").unwrap();
    assert_eq!(role, SdsRoleProfileId::no_smartcard());
}

#[test]
fn professionals() {
    check::<GmcNumber>(
        "1234567    ; ok
         L123456    ; ok
         l123456    ; lower 1     ; ok L123456
         C6150129   ; length 8    ; ok 6150129
         c 615 0129 ; separator 2 ; ok 6150129
         C123       ; length 4
         M123456    ; character 1
         L12345X    ; character 7",
    );
    check::<GmpNumber>(
        "G3030293   ; ok
         G9999998   ; ok
         G9999981   ; ok
         g3030293   ; lower 1     ; ok G3030293
         G1234567   ; checkdigit
         G6030292   ; character 2
         H3030293   ; character 1
         3030293    ; length 7",
    );
    check::<NmcNumber>(
        "71A2998E   ; ok
         71a2998e   ; lower 3     ; ok 71A2998E
         71A29980   ; character 8",
    );
    check::<GphcNumber>(
        "2033467    ; ok
         203 3467   ; separator 4 ; ok 2033467
         3033467    ; character 1",
    );
    check::<HcpcNumber>(
        "PH095159   ; ok
         PH95159    ; ok
         PA1        ; ok
         ph 095159  ; separator 3 ; ok PH095159
         PH         ; length 2
         PH0951590  ; length 9
         P1095159   ; character 2",
    );
    let number = GmcNumber::parse("1234567").unwrap();
    assert_eq!(format!("{number:>9}"), "  1234567");
}

#[test]
fn postcodes() {
    check::<Postcode>(
        "W1H 3DA       ; ok
         BT43 7BU      ; ok
         M1 1AE        ; ok
         B33 8TH       ; ok
         CR2 6XH       ; ok
         EC1A 1BB      ; ok
         GIR 0AA       ; ok
         ZZ99 3VZ      ; ok
         BF1 3AA       ; ok
         BFPO 5        ; ok
         BFPO 1234     ; ok
         w1h 3da       ; lower 1     ; ok W1H 3DA
         W1H3DA        ; character 3 ; ok W1H 3DA
         bt437bu       ; lower 1     ; ok BT43 7BU
         ' W1H   3-DA' ; length 11   ; ok W1H 3DA
         M 11AE        ; separator 2 ; ok M1 1AE
         bfpo57        ; lower 1     ; ok BFPO 57
         ''            ; empty
         W1H           ; length 3    ; length 4
         GIR 0AB       ; character 7
         BFPO X        ; character 6
         BFPO          ; length 4    ; length 5
         É1 1AE        ; character 1
         1É            ; length 2    ; length 3",
    );
    let pseudo = Postcode::parse("ZZ99 3VZ").unwrap();
    assert_eq!((pseudo.inward(), &*pseudo.compact()), ("3VZ", "ZZ993VZ"));
    assert_eq!(pseudo.outward(), OutwardCode::parse("ZZ99").unwrap());
    assert!(pseudo.is_pseudo() && !Postcode::parse("DN55 1PT").unwrap().is_pseudo());
}

#[test]
fn parts_of_postcodes() {
    check::<OutwardCode>(
        "W1H     ; ok
         GIR     ; ok
         ' w1h ' ; separator 1 ; ok W1H
         W       ; length 1
         W1 3    ; separator 3
         WXYZ    ; character 3",
    );
    check::<PostcodePrefix>(
        "SW      ; ok
         W1      ; ok
         W13     ; ok
         W1H 3   ; ok
         W1H 3D  ; ok
         BFP     ; ok
         w1h*    ; lower 1      ; ok W1H
         'W1H '  ; separator 4  ; ok W1H
         W1H *   ; character 5  ; ok W1H
         W1H3    ; character 4  ; ok W1H 3
         w1h3d*  ; lower 1      ; ok W1H 3D
         w1  3   ; lower 1      ; ok W1 3
         w1 3    ; lower 1      ; ok W1 3
         ''      ; empty
         W       ; length 1
         W*      ; character 2  ; length 1
         W1H 3DA ; length 7
         ÉÉ1É    ; character 1
         EC1A 1BB XX ; length 11",
    );
    let begins = |prefix: &str, whole: &str| {
        let prefix = PostcodePrefix::parse(prefix).unwrap();
        prefix.matches(&Postcode::parse(whole).unwrap())
    };
    assert!(begins("W1", "W1H 3DA") && begins("W1", "W11 1AA") && begins("W1 1", "W1 1AA"));
    assert!(!begins("W1 1", "W11 1AA") && !begins("W11", "W1 1AA"));
}

#[test]
fn nothing_personal_is_shown() {
    let shown = [
        format!("{:?}", NhsNumber::parse("9434765919").unwrap()),
        format!("{:?}", SdsUserId::parse("200009876204").unwrap()),
        format!("{:?}", SdsRoleProfileId::parse("100077650987").unwrap()),
        format!("{:?}", Postcode::parse("W1H 3DA").unwrap()),
        format!("{:?}", PostcodePrefix::parse("W1H 3D").unwrap()),
        format!("{:?}", PostcodePrefix::parse("W1H").unwrap()),
        format!("{:?}", OdsCode::parse("RR8").unwrap()),
        format!("{:?}", NhsNumber::from_payload("943 476 5919")),
        format!("{:?}", Asid::from_payload("943 476 5919")),
    ];
    let expect = [
        "NhsNumber(***)",
        "SdsUserId(***)",
        "SdsRoleProfileId(***)",
        "Postcode(W1H ***)",
        "PostcodePrefix(W1H ***)",
        "PostcodePrefix(W1H)",
        "OdsCode(RR8)",
        "Written(Ok(NhsNumber(***)))",
        "Written(Err(IdError { kind: Kind { name: \"ASID\", form: \"twelve digits, as in 200000000205\" }, problem: Length { found: 10 } }))",
    ];
    assert_eq!(shown, expect);
}

#[test]
fn errors_say_what_to_do() {
    let cases = [
        (
            NhsNumber::parse("9434765910").unwrap_err(),
            "NHS number: the check digit does not fit the digits before it: look for a mistyped \
             digit or two that were swapped; expected ten digits, the last a modulus 11 check digit",
        ),
        (
            NhsNumber::parse("1234567890").unwrap_err(),
            "NHS number: no check digit exists for these digits: look for a mistyped digit or two \
             that were swapped; expected ten digits, the last a modulus 11 check digit",
        ),
        (
            OdsCode::parse("rr8").unwrap_err(),
            "ODS code: character 1 is not a capital: write it as one, or read the text with \
             `from_payload`; expected three or more capital letters and digits, as in RR8",
        ),
        (
            GphcNumber::parse("").unwrap_err(),
            "GPhC number: empty text; expected seven digits, the first a 2, as in 2033467",
        ),
        (
            PartyKey::parse("YES0000806").unwrap_err(),
            "party key: there is no `-` in its place; expected an ODS code, a hyphen and six or \
             seven digits, as in YES-0000806",
        ),
        (
            Asid::parse("1").unwrap_err(),
            "ASID: it has the wrong length, 1 characters; expected twelve digits, as in 200000000205",
        ),
    ];
    for (error, expect) in cases {
        assert_eq!(error.to_string(), expect);
    }
    assert_eq!(NhsNumber::parse("").unwrap_err().identifier(), "NHS number");
}

#[test]
fn systems_are_recognised() {
    let mut seen = BTreeSet::new();
    for system in IdentifierSystem::ALL {
        assert_eq!(system.uris()[0], system.uri());
        for uri in system.uris() {
            assert_eq!(IdentifierSystem::from_uri(uri), Some(*system), "{uri}");
            assert!(seen.insert(*uri), "{uri} is in the table twice");
        }
    }
    let check = |uri, expect| assert_eq!(IdentifierSystem::from_uri(uri), expect, "{uri}");
    check(
        "http://fhir.nhs.uk/Id/nhs-number",
        Some(IdentifierSystem::NhsNumber),
    );
    check(
        "http://fhir.hl7.org.uk/Id/gmc-number",
        Some(IdentifierSystem::Gmc),
    );
    check(
        "http://fhir.nhs.net/sds-user-id",
        Some(IdentifierSystem::SdsUserId),
    );
    check(
        "https://fhir.nhs.uk/Id/accredited-system",
        Some(IdentifierSystem::Asid),
    );
    check("https://fhir.nhs.uk/Id/NHS-number", None);
    check("https://fhir.nhs.uk/Id/nhs-number/", None);
    check("", None);
}
