//! The NHS: its API platform (PDS, SDS) and the Spine behind its proxy.
//!
//! - [`Platform`]: where the platform's services and tokens are.
//! - [`SignedJwt`], [`TokenExchange`]: how its tokens are requested; keys sign through a [`Signer`].
//! - [`Sds`]: who offers a service, and where; [`ldap`] has the older directory's filters.
//! - [`Pds`] has patients.
//! - [`Ssp`]: calls through the Spine's proxy, with tokens that are **not signed**
//!   ([`UnsignedSpineToken`]) and name the requester: [`GpConnectClaims`], [`SpineClaims`].
//! - [`SpineClient`]: all of it in the documented order.
//!
//! Signing in with a smartcard, by SAML or NHS login is not done here: what comes of it enters as a
//! [`TokenSource`](crate::TokenSource), or as typed arguments of the claims.

mod assertion;
mod directory;
pub mod ldap;
mod patients;
mod platform;
mod proxy;
mod spine;
mod unsigned;
mod user;

pub use assertion::{Assertion, SignedJwt, Signer, TokenExchange};
pub use directory::{Reliability, Sds, SdsDevice, SdsEndpoint};
pub use patients::{Pds, superseded_by};
pub use platform::Platform;
pub use proxy::{Nesting, Ssp, SspRequest, with_asids};
pub use spine::{Chosen, Provider, SpineClient, Trace};
pub use unsigned::{
    JwtClaims, PerRequest, RefusedToken, UNSIGNED_LIFE, UnsignedSpineToken, check_unsigned,
};
pub use user::{
    GpConnectClaims, GpConnectDevice, GpConnectOrganization, GpConnectPractitioner, Reason,
    SpineClaims, SpineUser,
};
