//! Services of tower.

use bytes::Bytes;
use healthcode_r4::Slot;
use healthcode_transport::{
    BoxFuture, Call, Client, ErrorKind, HttpStack, Idempotency, Origin, Retry, SystemRandom,
    TokioTimer, TowerTransport, TransportFault, Trust,
};
use http::{Method, Request, Response};
use std::task::{Context, Poll};
use tower_service::Service;

/// Is ready at the second try, and answers with a Slot; or fails.
#[derive(Clone)]
struct Late(u32, Result<&'static str, &'static str>);

impl Service<Request<Bytes>> for Late {
    type Response = Response<String>;
    type Error = std::io::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0 += 1;
        context.waker().wake_by_ref();
        match self.0 {
            1 => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        assert!(self.0 > 1, "called before it was ready");
        let answer = self.1;
        Box::pin(async move {
            match answer {
                Ok(body) => Ok(Response::new(body.to_owned())),
                Err(why) => Err(std::io::Error::other(why)),
            }
        })
    }
}

#[tokio::test]
async fn services_are_transports() {
    let mut trust = Trust::new();
    trust.allow(Origin::read("https://api.example.org").unwrap());
    let send = async |service: Late, max: usize| {
        let transport = TowerTransport::new(service).faults(|error: &std::io::Error| {
            match error.to_string().as_str() {
                "connect" => TransportFault::Connect,
                _ => TransportFault::Broken,
            }
        });
        let stack = HttpStack::new(transport, TokioTimer, SystemRandom).with_max_body(max);
        let call = Call::<Slot>::resource("slot", "https://api.example.org/Slot/1").unwrap();
        let call = call.with_method(Method::POST);
        assert_eq!(call.idempotency(), Idempotency::NotIdempotent);
        let client = Client::new(stack, trust.clone());
        let client = client.with_retry(Retry {
            base: std::time::Duration::ZERO,
            ..Retry::default()
        });
        client
            .send(&call)
            .await
            .map(drop)
            .map_err(|error| (error.kind().clone(), error.attempts()))
    };
    let slot = Ok(r#"{"resourceType":"Slot"}"#);
    assert_eq!(send(Late(0, slot), 99).await, Ok(()));
    assert_eq!(
        send(Late(0, slot), 9).await,
        Err((ErrorKind::TooLarge(9), 1))
    );
    let broken = send(Late(0, Err("reset")), 99).await;
    assert_eq!(
        broken,
        Err((ErrorKind::Transport(TransportFault::Broken), 1))
    );
    let gone = send(Late(0, Err("connect")), 99).await;
    assert_eq!(
        gone,
        Err((ErrorKind::Transport(TransportFault::Connect), 3))
    );
}
