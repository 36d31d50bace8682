//! The first command of the README: `dev` serves with no files at all, and mail arrives.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use conversations::{Client, Message, binary, stored, tool};

/// A process that ends with its test.
struct Dev(Child);

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn dev_takes_mail_in_an_empty_folder() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port is free");
    let dev = Command::new(binary())
        .args(["dev", "--listen", &free.to_string()])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _dev = Dev(dev.expect("the binary can be run"));
    let end = Instant::now() + Duration::from_secs(20);
    while Client::connect(free.port()).and_then(|mut client| client.answer()).is_err() {
        assert!(Instant::now() < end, "`dev` does not answer");
        thread::sleep(Duration::from_millis(20));
    }
    let mut client = Client::greeted(free.port());
    let sent = Message { recipients: vec!["you@example.com".into()], ..Message::new("ann@example.net", "Hello\r\n") };
    assert_eq!(client.deliver(&sent).expect("an answer").code, 250);
    client.quit();

    // As the README says it.
    let swaks = tool("swaks", "swaks libnet-ssleay-perl")
        .args(["--tls", "--server", &free.to_string(), "--to", "you@example.com"])
        .output()
        .expect("swaks can be run");
    assert!(swaks.status.success(), "{}", String::from_utf8_lossy(&swaks.stdout));
    assert_eq!(stored(&folder.path().join("mail")).len(), 2);
}
