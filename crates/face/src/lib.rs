//! Faces: detect, align, embed, compare.
