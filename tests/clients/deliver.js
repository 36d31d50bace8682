// Delivers a file of octets with nodemailer; the argument is one JSON object.
const fs = require("fs");
const nodemailer = require("nodemailer");

const job = JSON.parse(process.argv[2]);
const transport = nodemailer.createTransport({
  host: "127.0.0.1",
  port: job.port,
  secure: job.implicit,
  requireTLS: true,
  name: "client.example.net",
  tls: { ca: fs.readFileSync(job.certificate), servername: job.host },
  auth: job.user ? { user: job.user, pass: job.password } : undefined,
});

transport
  .sendMail({ envelope: { from: job.sender, to: [job.recipient] }, raw: fs.readFileSync(job.file) })
  .then((result) => console.log(result.response))
  .catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
