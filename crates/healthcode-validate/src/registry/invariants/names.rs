//! The invariants on the names of definitions.

healthcode_core::rule_registry! {
    ADF_0 = "adf-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 activitydefinition.html#ActivityDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    CID_0 = "cid-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 chargeitemdefinition.html#ChargeItemDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    CMD_0 = "cmd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 conceptmap.html#ConceptMap: begin name with a capital letter, and go on with letters, digits and underscores.";
    CPB_0 = "cpb-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 capabilitystatement.html#CapabilityStatement: begin name with a capital letter, and go on with letters, digits and underscores.";
    CPD_0 = "cpd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 compartmentdefinition.html#CompartmentDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    CSD_0 = "csd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 codesystem.html#CodeSystem: begin name with a capital letter, and go on with letters, digits and underscores.";
    EES_0 = "ees-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 effectevidencesynthesis.html#EffectEvidenceSynthesis: begin name with a capital letter, and go on with letters, digits and underscores.";
    ESC_0 = "esc-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 examplescenario.html#ExampleScenario: begin name with a capital letter, and go on with letters, digits and underscores.";
    EVD_0 = "evd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 eventdefinition.html#EventDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    EVI_0 = "evi-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 evidence.html#Evidence: begin name with a capital letter, and go on with letters, digits and underscores.";
    EVV_0 = "evv-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 evidencevariable.html#EvidenceVariable: begin name with a capital letter, and go on with letters, digits and underscores.";
    GDF_0 = "gdf-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 graphdefinition.html#GraphDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    IG_0 = "ig-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 implementationguide.html#ImplementationGuide: begin name with a capital letter, and go on with letters, digits and underscores.";
    LIB_0 = "lib-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 library.html#Library: begin name with a capital letter, and go on with letters, digits and underscores.";
    MEA_0 = "mea-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 measure.html#Measure: begin name with a capital letter, and go on with letters, digits and underscores.";
    MSD_0 = "msd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 messagedefinition.html#MessageDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    NSD_0 = "nsd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 namingsystem.html#NamingSystem: begin name with a capital letter, and go on with letters, digits and underscores.";
    OPD_0 = "opd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 operationdefinition.html#OperationDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    PDF_0 = "pdf-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 plandefinition.html#PlanDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    QUE_0 = "que-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 questionnaire.html#Questionnaire: begin name with a capital letter, and go on with letters, digits and underscores.";
    RED_0 = "red-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 researchelementdefinition.html#ResearchElementDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    RSD_0 = "rsd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 researchdefinition.html#ResearchDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    RVS_0 = "rvs-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 riskevidencesynthesis.html#RiskEvidenceSynthesis: begin name with a capital letter, and go on with letters, digits and underscores.";
    SDF_0 = "sdf-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 structuredefinition.html#StructureDefinition: begin name with a capital letter, and go on with letters, digits and underscores.";
    SMP_0 = "smp-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 structuremap.html#StructureMap: begin name with a capital letter, and go on with letters, digits and underscores.";
    SPD_0 = "spd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 searchparameter.html#SearchParameter: begin name with a capital letter, and go on with letters, digits and underscores.";
    TCP_0 = "tcp-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 terminologycapabilities.html#TerminologyCapabilities: begin name with a capital letter, and go on with letters, digits and underscores.";
    TST_0 = "tst-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 testscript.html#TestScript: begin name with a capital letter, and go on with letters, digits and underscores.";
    VSD_0 = "vsd-0", Warning, "invariant",
        "the name cannot serve programs as an identifier",
        "FHIR R4 valueset.html#ValueSet: begin name with a capital letter, and go on with letters, digits and underscores.";
}
