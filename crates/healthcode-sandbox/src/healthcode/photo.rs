//! Photos of practitioners.

use super::access::check;
use super::outcome::coded;
use crate::http::path::PathText;
use crate::http::response::{HandlerResult, resource};
use crate::state::SandboxState;
use crate::store::resources::PRACTITIONER;
use axum::extract::State;
use healthcode_extensions::{ErrorCode, Photo};
use http::HeaderMap;
use std::sync::Arc;

pub(crate) async fn read(
    State(state): State<Arc<SandboxState>>,
    headers: HeaderMap,
    PathText(id): PathText<String>,
) -> HandlerResult {
    check(&state, &headers)?;
    if state.resources.get(&PRACTITIONER, &id).is_none() {
        return Err(coded(&ErrorCode::ReferenceIdNotFound, "unknown practitioner").into());
    }
    let photo = Photo::new(pixel(&id), &format!("{id}.gif"));
    Ok(resource(&photo.encode()))
}

/// A GIF of one pixel, whose colour is a hash of the practitioner's id.
fn pixel(id: &str) -> Vec<u8> {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    let [red, green, blue, _] = id.bytes().fold(2_166_136_261, mix).to_be_bytes();
    let mut image = b"GIF89a\x01\0\x01\0\x80\0\0".to_vec();
    image.extend([red, green, blue, 0, 0, 0]);
    image.extend(b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;");
    image
}
