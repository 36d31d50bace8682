//! `saywhen cert`: makes a self-signed certificate and its key.
//!
//! Never: overwrites a file.

use std::path::PathBuf;

use crate::{
    config::host_name,
    exit::{Exit, Fault},
    tls::{PairError, self_signed, write_pair},
};

/// What may follow `cert`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The host name that it is for; localhost, 127.0.0.1 and ::1 are always in it
    #[arg(long, default_value = "localhost")]
    name: String,
    /// The folder for cert.pem and key.pem
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let (certificate, key) = (arguments.out.join("cert.pem"), arguments.out.join("key.pem"));
    let fault = |error: PairError, help: &str| {
        let exit = if error.denied() { Exit::Denied } else { Exit::Findings };
        Fault::new(exit, error.to_string(), help)
    };
    if host_name(&arguments.name).is_none() {
        let message = format!("`{}` is no host name", arguments.name);
        return Err(Fault::new(Exit::Usage, message, "name a host: --name mail.example.com"));
    }
    let pems = self_signed(&arguments.name).map_err(|error| fault(error, "make a pair with another tool"))?;
    write_pair((&certificate, &pems.0), (&key, &pems.1))
        .map_err(|error| fault(error, "move what is there away, or name another folder with --out"))?;
    println!("{}  for {}, 825 days, self-signed", certificate.display(), arguments.name);
    println!("{}  its key, readable for you alone", key.display());
    Ok(Exit::Done)
}
