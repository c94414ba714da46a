//! `call read`: resources by id, and patients by NHS number.

use super::endpoint::system_of;
use super::input::{Inputs, numbers};
use super::plan::{Plan, Result};
use super::service::{CallEvent, NhsService, OnEvent, SendError, Service, output, unfit};
use crate::args::call::{ReadArgs, Readable, Subject, System};
use healthcode_r4::Resource;
use healthcode_search::{Endpoint, ParameterLocation};
use healthcode_transport::nhs::superseded_by;
use healthcode_transport::{Error, ErrorKind};
use healthcode_uk::NhsNumber;

/// What is read.
pub(super) enum Read {
    /// What is at these steps below an endpoint.
    Below(&'static Endpoint, Vec<String>),
    /// Patients, one after the other.
    Patients(Patients),
}

pub(super) struct Patients {
    numbers: Vec<NhsNumber>,
    subject: Subject,
}

impl ReadArgs {
    pub(super) fn plan(&self, inputs: &mut Inputs) -> Result<Plan<Read>> {
        let account = self.account.clone();
        let endpoint = match self.endpoint {
            Readable::Listed(endpoint) => endpoint,
            Readable::Patients(subject) => {
                account.check(System::Nhs)?;
                let numbers = numbers(&self.steps(inputs)?)?;
                let read = Read::Patients(Patients { numbers, subject });
                return Ok(Plan::of(System::Nhs, account, read));
            }
        };
        let system = system_of(endpoint, &account)?;
        let steps = self.steps(inputs)?;
        let name = endpoint.name;
        let by_id = match system {
            System::Healthcode => endpoint.parameter_location != ParameterLocation::Form,
            System::Graphnet => true,
            System::Nhs => false,
        };
        if !by_id {
            return Err(format!("{name} is not allowed here: it reads nothing by id").into());
        }
        if steps.is_empty() && endpoint.parameter_location != ParameterLocation::None {
            return Err(format!("missing ID: {name} reads by id").into());
        }
        if system == System::Graphnet && steps.len() > 1 {
            return Err(format!("invalid ID: {name} takes one id").into());
        }
        let read = Read::Below(endpoint, steps);
        Ok(Plan::of_endpoint(endpoint, system, account, read))
    }

    fn steps(&self, inputs: &mut Inputs) -> Result<Vec<String>> {
        let steps = inputs.lines(&self.words)?;
        if steps.iter().any(|step| step.contains('=')) {
            return Err("NAME=VALUE is not allowed here: parameters are for call search".into());
        }
        Ok(steps)
    }
}

impl Read {
    /// Sends, and reports each answer.
    ///
    /// # Errors
    /// If a call failed, or an answer could not be printed.
    pub(super) async fn send(
        &self,
        service: &Service,
        on_event: OnEvent<'_>,
    ) -> std::result::Result<(), SendError> {
        match (self, service) {
            (Read::Below(endpoint, steps), Service::Healthcode(healthcode)) => {
                let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
                let client = &healthcode.client;
                client.read::<Resource>(endpoint, &steps).await?;
            }
            (Read::Below(endpoint, steps), Service::Graphnet(graphnet)) => {
                let (Some(resource), [id]) = (endpoint.resource, steps.as_slice()) else {
                    return Err(unfit("the endpoint reads nothing by id").into());
                };
                let client = &graphnet.client;
                client.read(&graphnet.product, resource, id).await?;
            }
            (Read::Patients(patients), Service::Nhs(nhs)) => {
                return patients.send(nhs, on_event).await;
            }
            _ => return Err(unfit("the endpoint is not of the environment's system").into()),
        }
        output(on_event, CallEvent::Answer)
    }
}

impl Patients {
    async fn send(
        &self,
        nhs: &NhsService,
        on_event: OnEvent<'_>,
    ) -> std::result::Result<(), SendError> {
        let count = self.numbers.len();
        for (index, number) in self.numbers.iter().enumerate() {
            match self.one(nhs, number).await {
                Ok(superseded) => {
                    output(on_event, CallEvent::Answer)?;
                    if superseded {
                        output(on_event, CallEvent::Superseded)?;
                    }
                }
                // What is wrong with one patient does not keep the others from being read.
                Err(error) if count > 1 && is_of_the_patient(&error) => {
                    output(on_event, CallEvent::Failed(index + 1, error))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Reads one patient; returns whether the answer is another than was requested.
    async fn one(&self, nhs: &NhsService, number: &NhsNumber) -> std::result::Result<bool, Error> {
        let bundle = match self.subject {
            Subject::Demographics => {
                let patient = nhs.signed.send(&nhs.pds.read(number)?).await?.value;
                return Ok(superseded_by(number, &patient).is_some());
            }
            Subject::RelatedPerson => nhs.signed.send(&nhs.pds.related(number)?).await,
            Subject::Coverage => nhs.signed.send(&nhs.pds.coverage(number)?).await,
        };
        bundle.map(|_| false)
    }
}

/// Whether a call failed because of the patient that it requested, so that one for another may succeed.
fn is_of_the_patient(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Outcome | ErrorKind::OtherResource(_) => true,
        ErrorKind::Status => matches!(
            error.status().map(|status| status.as_u16()),
            Some(400 | 404 | 410)
        ),
        _ => false,
    }
}
