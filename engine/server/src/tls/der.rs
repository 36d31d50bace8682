//! Elements of ASN.1 in their distinguished encoding (X.690).
//!
//! Never: reads past its octets, or judges what it reads.

/// The tag of a sequence.
pub(super) const SEQUENCE: u8 = 0x30;
/// The tag of an integer.
pub(super) const INTEGER: u8 = 0x02;
/// The tag of an object identifier.
pub(super) const OBJECT: u8 = 0x06;
/// The tag of a string of octets.
pub(super) const OCTETS: u8 = 0x04;

/// Elements that are still to be read.
#[derive(Clone, Copy)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

impl<'a> Der<'a> {
    /// What is in the next element, if it is of that kind.
    pub(super) fn element(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.any().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }

    /// The tag and the content of the next element, whose length takes at most four octets.
    pub(super) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (octets.iter().fold(0, |length, octet| length << 8 | usize::from(*octet)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }
}
