//! What every command is given.

use crate::args::Global;
use crate::output::Output;
use crate::remote::Remote;
use crate::token::Token;

/// Where to print, whom to ask, and whether the operator said yes beforehand.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) output: Output,
    pub(crate) remote: Remote,
    pub(crate) yes: bool,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        let Global {
            endpoint,
            token,
            token_file,
            output,
            no_color,
            quiet,
            yes,
        } = global;
        Self {
            output: Output::new(output, no_color, quiet),
            remote: Remote::new(endpoint, Token::given(token, token_file)),
            yes,
        }
    }
}
