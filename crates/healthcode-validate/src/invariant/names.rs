//! The invariants on the names of definitions, which are all the same.

/// A row has the key and the page of the type.
macro_rules! names {
    ($($name:ident = $key:literal, $page:literal;)+) => {
        invariants! {$(
            $name = $key, Warning,
                "the name cannot serve programs as an identifier",
                concat!("FHIR R4 ", $page, ": begin name with a capital letter, and go on with letters, digits and underscores.");
        )+}
    };
}

names! {
    ADF_0 = "adf-0", "activitydefinition.html#ActivityDefinition";
    CID_0 = "cid-0", "chargeitemdefinition.html#ChargeItemDefinition";
    CMD_0 = "cmd-0", "conceptmap.html#ConceptMap";
    CPB_0 = "cpb-0", "capabilitystatement.html#CapabilityStatement";
    CPD_0 = "cpd-0", "compartmentdefinition.html#CompartmentDefinition";
    CSD_0 = "csd-0", "codesystem.html#CodeSystem";
    EES_0 = "ees-0", "effectevidencesynthesis.html#EffectEvidenceSynthesis";
    ESC_0 = "esc-0", "examplescenario.html#ExampleScenario";
    EVD_0 = "evd-0", "eventdefinition.html#EventDefinition";
    EVI_0 = "evi-0", "evidence.html#Evidence";
    EVV_0 = "evv-0", "evidencevariable.html#EvidenceVariable";
    GDF_0 = "gdf-0", "graphdefinition.html#GraphDefinition";
    IG_0 = "ig-0", "implementationguide.html#ImplementationGuide";
    LIB_0 = "lib-0", "library.html#Library";
    MEA_0 = "mea-0", "measure.html#Measure";
    MSD_0 = "msd-0", "messagedefinition.html#MessageDefinition";
    NSD_0 = "nsd-0", "namingsystem.html#NamingSystem";
    OPD_0 = "opd-0", "operationdefinition.html#OperationDefinition";
    PDF_0 = "pdf-0", "plandefinition.html#PlanDefinition";
    QUE_0 = "que-0", "questionnaire.html#Questionnaire";
    RED_0 = "red-0", "researchelementdefinition.html#ResearchElementDefinition";
    RSD_0 = "rsd-0", "researchdefinition.html#ResearchDefinition";
    RVS_0 = "rvs-0", "riskevidencesynthesis.html#RiskEvidenceSynthesis";
    SDF_0 = "sdf-0", "structuredefinition.html#StructureDefinition";
    SMP_0 = "smp-0", "structuremap.html#StructureMap";
    SPD_0 = "spd-0", "searchparameter.html#SearchParameter";
    TCP_0 = "tcp-0", "terminologycapabilities.html#TerminologyCapabilities";
    TST_0 = "tst-0", "testscript.html#TestScript";
    VSD_0 = "vsd-0", "valueset.html#ValueSet";
}
