//! Blocks of 16 bytes at once, with the vector instructions that every x86-64 processor has.
//!
//! The one leaf of this crate that uses `unsafe`: the intrinsics may only be called where their
//! instructions exist. No pointer is involved: blocks are loaded from arrays, by value. Against
//! [`super::word`] it reads an indented Bundle a quarter faster and a minified one a twelfth.

#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_set_epi64x,
    _mm_set1_epi8,
};

#[cfg(not(target_feature = "sse2"))]
compile_error!("this module is for targets that have SSE2");

/// Bytes in a block.
pub(crate) const WIDTH: usize = 16;

/// How many bytes go before the first `"`, `\` or control character; [`WIDTH`] if there is none.
#[inline(always)]
pub(crate) fn before_special(block: &[u8; WIDTH]) -> usize {
    // SAFETY: the target has SSE2, as checked above; that is all that these intrinsics need.
    let hits = unsafe {
        let block = load(block);
        let quote = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'"' as i8));
        let escape = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\\' as i8));
        let control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block);
        _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, escape), control))
    };
    // The bit past the block's stands for the end of it.
    (hits as u32 | 1 << WIDTH).trailing_zeros() as usize
}

/// How many bytes go before the first that is no JSON white space; [`WIDTH`] if there is none.
#[inline(always)]
pub(crate) fn before_not_space(block: &[u8; WIDTH]) -> usize {
    // SAFETY: the target has SSE2, as checked above; that is all that these intrinsics need.
    let spaces = unsafe {
        let block = load(block);
        let space = _mm_cmpeq_epi8(block, _mm_set1_epi8(b' ' as i8));
        let line = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\n' as i8));
        let tab = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\t' as i8));
        let carriage = _mm_cmpeq_epi8(block, _mm_set1_epi8(b'\r' as i8));
        _mm_movemask_epi8(_mm_or_si128(
            _mm_or_si128(space, line),
            _mm_or_si128(tab, carriage),
        ))
    };
    (!spaces as u32).trailing_zeros() as usize
}

/// The block as a vector; compiles to one load.
#[inline]
#[target_feature(enable = "sse2")]
fn load(block: &[u8; WIDTH]) -> __m128i {
    let block = u128::from_le_bytes(*block);
    _mm_set_epi64x((block >> 64) as i64, block as i64)
}
