//! The parser that `proto.pest` describes.
//!
//! Never: builds a tree; the other files of this folder do.

#![allow(missing_docs, unreachable_pub, reason = "the derive writes them")]

/// Reads what `proto.pest` describes.
#[derive(pest_derive::Parser)]
#[grammar = "../proto.pest"]
pub(super) struct Syntax;
