//! What can be wrong with a configuration: one rule per kind of fault.
//!
//! Never: finds. The findings are made where the keys are read.

use diagnostic::{Rule, Severity};

/// The file is no YAML.
pub static NOT_YAML: Rule = Rule {
    code: "Y01",
    severity: Severity::Error,
    title: "the configuration is not YAML",
    page: "The file cannot be read as YAML. Nothing behind that place was looked at.",
    accepted: "server_name: mail.example.com\n",
    refused: "server_name: [mail\n",
};

/// A key that does not exist.
pub static UNKNOWN_KEY: Rule = Rule {
    code: "Y02",
    severity: Severity::Error,
    title: "a key that does not exist",
    page: "Every key of the configuration does something. A key that would do nothing is refused, since it is \
           probably a slip of the pen for another one, and whoever wrote it relies on it.",
    accepted: "shutdown_grace: 30s\n",
    refused: "shutdown_grase: 30s\n",
};

/// A key that must be there is not.
pub static MISSING_KEY: Rule = Rule {
    code: "Y03",
    severity: Severity::Error,
    title: "a key is missing",
    page: "What cannot be guessed must be written: a listener needs an address and a protocol, a database a URL.",
    accepted: "listeners: [{ listen: \"2525\", protocol: finger }]\n",
    refused: "listeners: [{ listen: \"2525\" }]\n",
};

/// A value of the wrong form.
pub static WRONG_VALUE: Rule = Rule {
    code: "Y04",
    severity: Severity::Error,
    title: "a value that does not fit its key",
    page: "Durations are a number with `ms`, `s`, `m`, `h` or `d`; sizes a number with `KiB`, `MiB` or `GiB`, or \
           octets without a unit. The message names what the key takes.",
    accepted: "spool: { memory: 256KiB }\n",
    refused: "spool: { memory: much }\n",
};

/// Not an address.
pub static NOT_AN_ADDRESS: Rule = Rule {
    code: "Y05",
    severity: Severity::Error,
    title: "not an address to listen on",
    page: "A bare port (`\"2525\"`) means every IPv4 and every IPv6 address, as two sockets. Otherwise write one \
           address and a port: `\"127.0.0.1:2525\"`, `\"::1/2525\"` or `\"[::1]:2525\"`. Names are not resolved: \
           what a name means may change while the server runs. Ports go from 1 to 65535. `\"unix:/path\"` is the file \
           of a UNIX socket; its path has 107 octets at the most.",
    accepted: "listeners: [{ listen: \"127.0.0.1:2010\", protocol: finger }]\n",
    refused: "listeners: [{ listen: \"localhost:2010\", protocol: finger }]\n",
};

/// An expansion that fails.
pub static NOT_EXPANDED: Rule = Rule {
    code: "Y06",
    severity: Severity::Error,
    title: "an expansion that fails",
    page: "`${NAME}` stands for an environment variable that must be set, `${file:PATH}` for the text of a file \
           that must be readable. `$${` stands for `${` itself. What comes from a file is a secret: it is shown \
           as `***`.",
    accepted: "server_name: mail.example.com\n",
    refused: "server_name: ${UNSET_VARIABLE}\n",
};

/// Two parts that exclude one another.
pub static CONTRADICTION: Rule = Rule {
    code: "Y07",
    severity: Severity::Error,
    title: "two parts that cannot both hold",
    page: "A key stands twice in one place, two listeners want one socket, or a listener's `tls` does not go with its protocol: a protocol that \
           says `start tls` needs `starttls` or `implicit`, one that never says it cannot have `starttls`.",
    accepted: "listeners: [{ listen: \"2525\", protocol: finger }, { listen: \"2526\", protocol: finger }]\n",
    refused: "listeners: [{ listen: \"2525\", protocol: finger }, { listen: \"2525\", protocol: finger }]\n",
};

/// A name that stands for nothing.
pub static UNKNOWN_NAME: Rule = Rule {
    code: "Y08",
    severity: Severity::Error,
    title: "a name that stands for nothing",
    page: "A listener names a protocol that has no file, a setting that its protocol does not have, a sink that is \
           not under `sinks`, or a protocol asks a database that is not under `databases`.",
    accepted: "protocols: protocols/\n",
    refused: "listeners: [{ listen: \"2525\", protocol: no_such_protocol }]\n",
};

/// A setting that its protocol refuses.
pub static REFUSED_SETTING: Rule = Rule {
    code: "Y09",
    severity: Severity::Error,
    title: "a setting that its protocol refuses",
    page: "`settings` of a listener gives values to the `settings` of its protocol; each must be of the type that \
           the protocol declares, and a setting without a default must be given.",
    accepted: "listeners: [{ listen: \"2525\", protocol: finger, settings: {} }]\n",
    refused: "listeners: [{ listen: \"2525\", protocol: finger, settings: { max_size: much } }]\n",
};

/// A file or folder of the configuration that cannot be used.
pub static UNUSABLE_FILE: Rule = Rule {
    code: "Y10",
    severity: Severity::Error,
    title: "a file or folder that cannot be used",
    page: "The configuration names a certificate, a key, a schema or a folder that is not there, cannot be read, or \
           does not hold what it should.",
    accepted: "protocols: protocols/\n",
    refused: "protocols: no/such/folder/\n",
};

/// A certificate that clients refuse.
pub static DOUBTFUL_CERTIFICATE: Rule = Rule {
    code: "Y11",
    severity: Severity::Warning,
    title: "a certificate that clients refuse",
    page: "The certificate under `tls` has ended, or has not begun, or is for other names than `server_name`. It is \
           served all the same: who does not verify comes in. Clients that verify end the handshake.",
    accepted: "server_name: mail.example.com\ntls: { certificate: mail.example.com.pem, key: key.pem }\n",
    refused: "server_name: mail.example.com\ntls: { certificate: www.example.com.pem, key: key.pem }\n",
};

/// All of them, by code.
pub static RULES: &[&Rule] = &[
    &NOT_YAML,
    &UNKNOWN_KEY,
    &MISSING_KEY,
    &WRONG_VALUE,
    &NOT_AN_ADDRESS,
    &NOT_EXPANDED,
    &CONTRADICTION,
    &UNKNOWN_NAME,
    &REFUSED_SETTING,
    &UNUSABLE_FILE,
    &DOUBTFUL_CERTIFICATE,
];
