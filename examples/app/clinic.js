// The same telephone menu in JavaScript, without packages: node clinic.js PORT
const http = require("http");

const say = (text) => `<Response><Say>${text}</Say></Response>`;
const menu = `<Response>
  <Gather numDigits="1" action="/choice" timeout="4">
    <Say language="en-IN">City Clinic. Press 1 for the doctor, 2 to leave a message.</Say>
  </Gather>
  <Say language="en-IN">We heard nothing. Goodbye.</Say>
</Response>`;
const choices = {
  1: `<Response><Dial timeout="20" action="/after"><Number>+918047000001</Number></Dial></Response>`,
  2: `<Response><Say>Speak after the beep.</Say><Record action="/stored" maxLength="30"/></Response>`,
};
const again = "<Response><Say>There is no such choice.</Say><Redirect>/voice</Redirect></Response>";
const pages = {
  "/voice": () => menu,
  "/choice": (form) => choices[form.get("Digits")] || again,
  "/after": (form) =>
    say(form.get("DialCallStatus") === "completed"
      ? "Goodbye."
      : "The doctor is not free. We will call you back."),
  "/stored": (form) => say(`Thank you, ${form.get("RecordingDuration")} seconds are kept.`),
};

http.createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => (body += piece));
  request.on("end", () => {
    response.writeHead(200, { "Content-Type": "text/xml" });
    response.end(pages[request.url](new URLSearchParams(body)));
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
