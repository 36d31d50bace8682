//! Who a peer says it is when its password is checked, for the log.
//!
//! Never: gives a part of a password. A login that an action would not take is not given.

use program::{Call, Target};

use super::{decoded, login};
use crate::action::text;

/// The login that a call to check a password is about; absent for other calls, and where it cannot be made out.
pub fn claimed_login(call: &Call) -> Option<Box<str>> {
    let Target::Action(signature) = &call.target else { return None };
    let first = call.arguments.first()?;
    match &*signature.name {
        "check_password" => login(text(first)?.as_bytes()).map(Box::from),
        "validate_login" => login(decoded(first)?.expose()).map(Box::from),
        // Three parts, or nobody knows which of them is the password.
        "validate_plain" => match decoded(first)?.expose().split(|octet| *octet == 0).collect::<Vec<_>>()[..] {
            [_, name, _] => login(name).map(Box::from),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use program::{Secret, Value};

    use super::*;
    use crate::trial::call;

    #[test]
    fn who_somebody_claims_to_be_is_told_and_no_password() {
        let check = |action: &str, arguments: Vec<Value>, login: Option<&str>| {
            assert_eq!(claimed_login(&call(action, arguments)).as_deref(), login, "{action}");
        };
        let secret = |text: &str| Value::Secret(Secret::new(text.as_bytes()));
        // "\0ann\0s3cret", "ann\0s3cret", "s3cret" and "\0a\nn\0s3cret".
        check("validate_plain", vec![secret("AGFubgBzM2NyZXQ=")], Some("ann"));
        check("validate_plain", vec![secret("YW5uAHMzY3JldA==")], None);
        check("validate_plain", vec![secret("czNjcmV0")], None);
        check("validate_plain", vec![secret("AGEKbgBzM2NyZXQ=")], None);
        check("validate_plain", vec![secret("no base64")], None);
        check("validate_login", vec![Value::Text("YW5u".into()), secret("czNjcmV0")], Some("ann"));
        check("validate_login", vec![Value::Text("!".into()), secret("czNjcmV0")], None);
        check("check_password", vec![Value::Text("ann".into()), secret("s3cret")], Some("ann"));
        check("check_password", vec![Value::Text("".into()), secret("s3cret")], None);
        check("dig", vec![Value::Text("MX".into()), Value::Text("example.com".into())], None);
        check("check_password", Vec::new(), None);
    }

    #[test]
    fn every_action_that_checks_passwords_is_known_here() {
        let checking = crate::signatures().iter().filter(|signature| signature.login_checked(0).is_some());
        let names: Vec<&str> = checking.map(|signature| &*signature.name).collect();
        assert_eq!(names, ["check_password", "validate_login", "validate_plain"]);
    }
}
