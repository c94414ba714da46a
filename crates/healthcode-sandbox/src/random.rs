//! Secrets and UUIDs, from the randomness of the system.

use crate::error::StartError;
use ring::rand::{SecureRandom, SystemRandom};
use uuid::{Builder, Uuid};

fn bytes() -> Result<[u8; 16], StartError> {
    let mut bytes = [0; 16];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map(|()| bytes).map_err(|_| StartError::Random)
}

/// 128 random bits in hexadecimal.
pub(crate) fn secret() -> Result<String, StartError> {
    Ok(format!("{:032x}", u128::from_be_bytes(bytes()?)))
}

/// A new UUID. It is nil if the system has no randomness: no service relies on these ids.
pub(crate) fn uuid() -> Uuid {
    bytes().map_or(Uuid::nil(), |bytes| {
        Builder::from_random_bytes(bytes).into_uuid()
    })
}

/// Whether a text is a UUID with hyphens, in either case.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids() {
        assert!(is_uuid(&uuid().to_string()) && uuid() != uuid());
        assert!(is_uuid("60E0B220-8136-4CA5-AE46-1D97EF59D068"));
        assert!(!is_uuid("60E0B220-8136-4CA5-AE46") && !is_uuid("-----"));
        assert!(!is_uuid("{60E0B220-8136-4CA5-AE46-1D97EF59D068}"));
        assert_eq!(secret().unwrap().len(), 32);
    }
}
