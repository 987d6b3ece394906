//! The shell: the only caller of decide, the only writer of cases; jobs and effects.
