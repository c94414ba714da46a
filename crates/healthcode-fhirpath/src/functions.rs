//! The functions that expressions can call.

/// A function: its name, and how many arguments it takes.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) func: Func,
    pub(crate) min: u8,
    /// 255 for any number.
    pub(crate) max: u8,
    pub(crate) group: Group,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.func == other.func
    }
}

impl Function {
    pub(crate) fn find(name: &str) -> Option<&'static Function> {
        FUNCTIONS.iter().find(|function| function.name == name)
    }
}

/// Which part of the evaluator has a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// Functions that hand items on one by one.
    Streams,
    /// Functions that give a truth value and need not collect for it.
    Decides,
    /// Functions that look at items as the members of a set.
    Set,
    /// Functions of numbers, and of how precise values are.
    Number,
    /// Functions of strings.
    Text,
    /// Conversions between the types of the language.
    Conversion,
    /// Functions that FHIR adds.
    Fhir,
    /// All other functions of collections.
    Items,
}

macro_rules! functions {
    ($($func:ident($name:literal, $min:literal, $max:literal, $group:ident),)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Func {
            $($func,)+
        }

        /// All functions: those of FHIRPath, and those that FHIR adds.
        pub(crate) const FUNCTIONS: &[Function] = &[$(Function {
            name: $name,
            func: Func::$func,
            min: $min,
            max: $max,
            group: Group::$group,
        },)+];
    };
}

functions! {
    Empty("empty", 0, 0, Decides),
    Exists("exists", 0, 1, Decides),
    All("all", 1, 1, Decides),
    AllTrue("allTrue", 0, 0, Items),
    AnyTrue("anyTrue", 0, 0, Items),
    AllFalse("allFalse", 0, 0, Items),
    AnyFalse("anyFalse", 0, 0, Items),
    SubsetOf("subsetOf", 1, 1, Set),
    SupersetOf("supersetOf", 1, 1, Set),
    Count("count", 0, 0, Items),
    Distinct("distinct", 0, 0, Set),
    IsDistinct("isDistinct", 0, 0, Set),
    Where("where", 1, 1, Streams),
    Select("select", 1, 1, Streams),
    Repeat("repeat", 1, 1, Items),
    OfType("ofType", 1, 1, Streams),
    Is("is", 1, 1, Decides),
    As("as", 1, 1, Streams),
    Single("single", 0, 0, Items),
    First("first", 0, 0, Streams),
    Last("last", 0, 0, Items),
    Tail("tail", 0, 0, Items),
    Skip("skip", 1, 1, Items),
    Take("take", 1, 1, Items),
    Intersect("intersect", 1, 1, Set),
    Exclude("exclude", 1, 1, Set),
    Union("union", 1, 1, Set),
    Combine("combine", 1, 1, Set),
    Iif("iif", 2, 3, Items),
    Not("not", 0, 0, Decides),
    Aggregate("aggregate", 1, 2, Items),
    Type("type", 0, 0, Items),
    Children("children", 0, 0, Streams),
    Descendants("descendants", 0, 0, Streams),
    Trace("trace", 1, 2, Items),
    Now("now", 0, 0, Items),
    Today("today", 0, 0, Items),
    TimeOfDay("timeOfDay", 0, 0, Items),
    Sort("sort", 0, 255, Items),
    ToBoolean("toBoolean", 0, 0, Conversion),
    ConvertsToBoolean("convertsToBoolean", 0, 0, Conversion),
    ToInteger("toInteger", 0, 0, Conversion),
    ConvertsToInteger("convertsToInteger", 0, 0, Conversion),
    ToDecimal("toDecimal", 0, 0, Conversion),
    ConvertsToDecimal("convertsToDecimal", 0, 0, Conversion),
    ToString("toString", 0, 0, Conversion),
    ConvertsToString("convertsToString", 0, 0, Conversion),
    ToDate("toDate", 0, 0, Conversion),
    ConvertsToDate("convertsToDate", 0, 0, Conversion),
    ToDateTime("toDateTime", 0, 0, Conversion),
    ConvertsToDateTime("convertsToDateTime", 0, 0, Conversion),
    ToTime("toTime", 0, 0, Conversion),
    ConvertsToTime("convertsToTime", 0, 0, Conversion),
    ToQuantity("toQuantity", 0, 1, Conversion),
    ConvertsToQuantity("convertsToQuantity", 0, 1, Conversion),
    IndexOf("indexOf", 1, 1, Text),
    LastIndexOf("lastIndexOf", 1, 1, Text),
    Substring("substring", 1, 2, Text),
    StartsWith("startsWith", 1, 1, Text),
    EndsWith("endsWith", 1, 1, Text),
    Contains("contains", 1, 1, Text),
    Upper("upper", 0, 0, Text),
    Lower("lower", 0, 0, Text),
    Replace("replace", 2, 2, Text),
    Matches("matches", 1, 1, Text),
    MatchesFull("matchesFull", 1, 1, Text),
    ReplaceMatches("replaceMatches", 2, 2, Text),
    Length("length", 0, 0, Text),
    ToChars("toChars", 0, 0, Text),
    Split("split", 1, 1, Text),
    Join("join", 0, 1, Text),
    Trim("trim", 0, 0, Text),
    Encode("encode", 1, 1, Text),
    Decode("decode", 1, 1, Text),
    Escape("escape", 1, 1, Text),
    Unescape("unescape", 1, 1, Text),
    Abs("abs", 0, 0, Number),
    Ceiling("ceiling", 0, 0, Number),
    Exp("exp", 0, 0, Number),
    Floor("floor", 0, 0, Number),
    Ln("ln", 0, 0, Number),
    Log("log", 1, 1, Number),
    Power("power", 1, 1, Number),
    Round("round", 0, 1, Number),
    Sqrt("sqrt", 0, 0, Number),
    Truncate("truncate", 0, 0, Number),
    LowBoundary("lowBoundary", 0, 1, Number),
    HighBoundary("highBoundary", 0, 1, Number),
    Precision("precision", 0, 0, Number),
    Comparable("comparable", 1, 1, Items),
    Extension("extension", 1, 1, Streams),
    HasValue("hasValue", 0, 0, Decides),
    GetValue("getValue", 0, 0, Fhir),
    Resolve("resolve", 0, 0, Fhir),
    GetResourceKey("getResourceKey", 0, 0, Fhir),
    GetReferenceKey("getReferenceKey", 0, 1, Fhir),
    MemberOf("memberOf", 1, 1, Fhir),
    Subsumes("subsumes", 1, 1, Fhir),
    SubsumedBy("subsumedBy", 1, 1, Fhir),
    ConformsTo("conformsTo", 1, 1, Fhir),
    HtmlChecks("htmlChecks", 0, 0, Fhir),
    CheckModifiers("checkModifiers", 1, 255, Fhir),
    ElementDefinition("elementDefinition", 0, 0, Fhir),
    Slice("slice", 2, 2, Fhir),
}
