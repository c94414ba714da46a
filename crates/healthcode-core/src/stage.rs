//! [`Stage`]: text that grows at its end in short moves, for the writers of JSON and XML.

/// Bytes that are staged before they go to the end of the text.
pub const STAGE: usize = 2048;

/// Bytes that may be written after [`Stage::make_room`], and past the end of what is used.
pub const ROOM: usize = 64;

/// Places in the stage, a power of two: a place that is cut to fewer needs no check of bounds. None
/// is ever cut, since the stage is emptied at half of them.
const PLACES: usize = 2 * STAGE;

/// Text that grows at its end.
///
/// Tokens are short, so they are laid out in a stage of fixed size, in moves of fixed width that
/// may write past their token's end; whatever comes next overwrites that.
#[derive(Debug)]
pub struct Stage {
    /// What has left the stage.
    text: Vec<u8>,
    stage: Box<[u8; PLACES + ROOM]>,
    /// How much of the stage is used.
    at: usize,
}

impl Stage {
    /// Goes on at the end of `text`.
    #[must_use]
    pub fn new(text: Vec<u8>) -> Self {
        Stage {
            text,
            stage: Box::new([0; PLACES + ROOM]),
            at: 0,
        }
    }

    /// The whole text.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.append(self.at);
        self.text
    }

    /// How long the whole text is.
    #[must_use]
    pub fn len(&self) -> usize {
        self.text.len() + self.at
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How much of the stage is used.
    #[inline(always)]
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// Makes what is staged end here; it was put there before.
    #[inline(always)]
    pub fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Makes sure that [`ROOM`] bytes can be written.
    #[inline(always)]
    pub fn make_room(&mut self) {
        if self.at >= STAGE {
            self.flush();
        }
    }

    /// Empties the stage but for its last byte.
    #[cold]
    #[inline(never)]
    fn flush(&mut self) {
        if let Some(last) = self.at.checked_sub(1) {
            self.append(last);
            self.stage[0] = self.stage[last];
            self.at = 1;
        }
    }

    /// Appends the first `count` bytes of the stage to the text.
    fn append(&mut self, count: usize) {
        if self.text.capacity() - self.text.len() < count {
            // Fourfold until that is much: each time, all that there is may have to be copied.
            let more = match self.text.len() {
                large @ 16_000_000.. => large,
                len => 3 * len,
            };
            self.text.reserve(count.max(more));
        }
        self.text.extend_from_slice(&self.stage[..count]);
    }

    /// The text, all of which has left the stage, to write at its end.
    pub fn emptied(&mut self) -> &mut Vec<u8> {
        self.append(self.at);
        self.at = 0;
        &mut self.text
    }

    /// Takes the last byte back.
    #[inline(always)]
    pub fn pop(&mut self) {
        match self.at.checked_sub(1) {
            Some(at) => self.at = at,
            None => drop(self.text.pop()),
        }
    }

    /// The last byte, if it is in the stage: always, unless all text has left it by [`Stage::emptied`].
    #[inline(always)]
    #[must_use]
    pub fn last(&self) -> Option<u8> {
        let last = self.at.checked_sub(1)?;
        Some(self.stage[last % PLACES])
    }

    /// Writes a block at a place, of which no more than is gone to afterwards counts.
    #[inline(always)]
    pub fn put<const N: usize>(&mut self, at: usize, block: &[u8; N]) {
        const { assert!(N <= ROOM) };
        if let Some(place) = self.stage[at % PLACES..].first_chunk_mut() {
            *place = *block;
        }
    }

    /// Writes a byte at a place.
    #[inline(always)]
    pub fn put_byte(&mut self, at: usize, byte: u8) {
        self.stage[at % PLACES] = byte;
    }

    /// Adds a byte.
    #[inline(always)]
    pub fn byte(&mut self, byte: u8) {
        self.put_byte(self.at, byte);
        self.at += 1;
    }

    /// Adds text of any length; that of four to 32 bytes is fastest.
    #[inline(always)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        let (at, len) = (self.at, bytes.len());
        if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            && len <= 16
        {
            self.put(at, first);
            self.put(at + len - 8, last);
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<16>(), bytes.last_chunk::<16>())
            && len <= 32
        {
            self.put(at, first);
            self.put(at + len - 16, last);
        } else if let (Some(first), Some(last)) =
            (bytes.first_chunk::<4>(), bytes.last_chunk::<4>())
            && len < 8
        {
            self.put(at, first);
            self.put(at + len - 4, last);
        } else {
            return self.odd_bytes(bytes);
        }
        self.at += len;
    }

    /// Adds text that is long, or very short.
    #[inline(never)]
    pub fn odd_bytes(&mut self, bytes: &[u8]) {
        if bytes.len() <= ROOM {
            for byte in bytes {
                self.byte(*byte);
            }
        } else if let Some((last, rest)) = bytes.split_last() {
            self.append(self.at);
            self.text.extend_from_slice(rest);
            self.stage[0] = *last;
            self.at = 1;
        }
    }

    /// Adds a line break, and so many spaces.
    #[inline(never)]
    pub fn new_line(&mut self, spaces: usize) {
        self.make_room();
        self.byte(b'\n');
        for _ in 0..spaces {
            self.make_room();
            self.byte(b' ');
        }
    }
}
