//! `scripts/services` in a scratch root, with a package manager that only plays its part: no service may start while
//! packages are unpacked, and what was there before is there behind it.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use conversations::root;
use tempfile::TempDir;

/// Unpacks what the script misses, as Debian's packages do: it asks the policy, enables a unit, and brings its own text
/// of a file that stands there already.
const APT: &str = r##"#!/bin/sh
[ "$1" = install ] || exit 0
@ROOT@/usr/sbin/policy-rc.d nsd start
[ $? -eq 101 ] || { echo "a service would have started" >&2; exit 9; }
grep -q 'create_main_cluster = false' @ROOT@/etc/postgresql-common/createcluster.conf || exit 8
echo asked >>@ROOT@/asked
[ ! -e @ROOT@/breaks ] || exit 7
mkdir -p @ROOT@/usr/lib/postgresql/15/bin @ROOT@/usr/lib/dovecot
for program in usr/sbin/mariadbd usr/sbin/pgbouncer usr/sbin/nsd usr/sbin/postfix \
        usr/lib/postgresql/15/bin/postgres usr/lib/dovecot/pop3 usr/lib/dovecot/imap; do
    printf '#!/bin/sh\n' >@ROOT@/$program
    chmod 755 @ROOT@/$program
done
ln -s /lib/systemd/system/nsd.service @ROOT@/etc/systemd/system/multi-user.target.wants/nsd.service
[ -e @ROOT@/own ] || echo "# the package's own" >@ROOT@/etc/postgresql-common/createcluster.conf.dpkg-dist
"##;

const POLICY: &str = "usr/sbin/policy-rc.d";
const CLUSTERS: &str = "etc/postgresql-common/createcluster.conf";
const UNITS: &str = "etc/systemd/system/multi-user.target.wants";

struct Scratch(TempDir);

impl Scratch {
    /// A root with the script in it, whose paths all lie in that root.
    fn new() -> Scratch {
        let scratch = Scratch(tempfile::tempdir().expect("a folder can be made"));
        for folder in ["scripts", "bin", "usr/sbin", "usr/lib", UNITS] {
            fs::create_dir_all(scratch.path(folder)).expect("a folder can be made");
        }
        let mut script = fs::read_to_string(root().join("scripts/services")).expect("the script is shipped");
        for place in ["/usr/sbin/", "/usr/lib/", "/etc/"] {
            script = script.replace(place, &format!("{}{place}", scratch.0.path().display()));
        }
        let packages = APT.replace("@ROOT@", &scratch.0.path().to_string_lossy());
        scratch.program("scripts/services", &script);
        scratch.program("bin/apt-get", &packages);
        // Whether a tool of the path is there says nothing here: all of them are.
        for tool in ["mkpasswd", "htpasswd", "doveadm", "openssl", "script", "perl", "deb-systemd-helper"] {
            scratch.program(&format!("bin/{tool}"), "#!/bin/sh\n");
        }
        scratch
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("a file can be written");
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).expect("its rights can be set");
    }

    /// Runs the script to the end of the installation; its exit code and what it said.
    fn install(&self) -> (Option<i32>, String) {
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new(self.path("scripts/services"));
        let output = command.arg("--install").env("PATH", path).output().expect("bash runs it");
        (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    }

    /// The names in a folder.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn read(path: &Path) -> Option<(String, u32)> {
    let rights = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    Some((fs::read_to_string(path).ok()?, rights))
}

#[test]
fn nothing_starts_now_or_later_and_no_policy_stays() {
    let scratch = Scratch::new();
    let (code, said) = scratch.install();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(scratch.names("usr/sbin"), ["mariadbd", "nsd", "pgbouncer", "postfix"], "no policy stays");
    assert_eq!(scratch.names(UNITS), [""; 0], "nothing is wanted at the next boot");
    assert_eq!(scratch.names("etc/postgresql-common"), ["createcluster.conf"]);
    assert_eq!(read(&scratch.path(CLUSTERS)).expect("it is there").0, "# the package's own\n");
    let (code, said) = scratch.install();
    assert_eq!((code, said.as_str()), (Some(0), ""), "nothing is missing any more");
    assert_eq!(read(&scratch.path("asked")).expect("it is there").0, "asked\n");
}

#[test]
fn a_policy_and_units_that_were_there_before_stay_as_they_were() {
    let scratch = Scratch::new();
    scratch.program(POLICY, "#!/bin/sh\n# the administrator's own\nexit 104\n");
    fs::set_permissions(scratch.path(POLICY), fs::Permissions::from_mode(0o710)).expect("its rights can be set");
    fs::create_dir_all(scratch.path("etc/postgresql-common")).expect("a folder can be made");
    fs::write(scratch.path(CLUSTERS), "create_main_cluster = false # mine\n").expect("a file can be written");
    fs::write(scratch.path("own"), "").expect("a file can be written");
    symlink("/lib/systemd/system/mariadb.service", scratch.path(UNITS).join("mariadb.service")).expect("a link");
    let before = [POLICY, CLUSTERS].map(|name| read(&scratch.path(name)));
    let (code, said) = scratch.install();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!([POLICY, CLUSTERS].map(|name| read(&scratch.path(name))), before);
    assert_eq!(scratch.names(UNITS), ["mariadb.service"]);
}

#[test]
fn an_installation_that_breaks_leaves_the_policy_as_it_was() {
    for policy in [None, Some("#!/bin/sh\nexit 104\n")] {
        let scratch = Scratch::new();
        if let Some(text) = policy {
            scratch.program(POLICY, text);
        }
        fs::write(scratch.path("breaks"), "").expect("a file can be written");
        let (code, said) = scratch.install();
        assert_eq!(code, Some(7), "{said}");
        assert_eq!(read(&scratch.path(POLICY)), policy.map(|text| (text.to_owned(), 0o755)));
        assert_eq!(scratch.names("etc/postgresql-common"), [""; 0]);
    }
}
