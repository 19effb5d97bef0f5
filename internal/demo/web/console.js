// The calls of the story's pages: some to the console itself, some signed in
// shape and sent straight to a service. What the page sees of each is in #log.
"use strict";

const SIGNED = "host;x-amz-date;x-amz-security-token;x-amz-target";

// What each page asks for: [way, service, operation].
const CALLS = {
  "/ec2/home": [
    ["console", "ec2", "DescribeInstances"],
    ["console", "ec2", "DescribeNetworkInterfaces"],
    ["direct", "monitoring", "GraniteServiceVersion20100801.GetMetricData"],
  ],
  "/cloudwatch/home": [
    ["direct", "monitoring", "GraniteServiceVersion20100801.GetMetricData"],
    ["direct", "monitoring", "GraniteServiceVersion20100801.DescribeAlarms"],
  ],
  "/cloudwatch/logs": [
    ["direct", "logs", "Logs_20140328.DescribeLogGroups"],
    ["direct", "ec2", "AmazonEC2.DescribeRegions"],
  ],
};

function request(way, service, operation, region) {
  if (way === "console") {
    return ["/ec2/ecb/elastic/?call=com.amazonaws.ec2.AmazonEC2." + operation, {
      method: "POST", headers: { "content-type": "application/json", "x-csrf-token": "made-up" }, body: "{}",
    }];
  }
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = date.slice(0, 8) + "/" + region + "/" + service + "/aws4_request";
  return ["https://" + service + "." + region + ".amazonaws.com/", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": operation,
      "x-amz-date": date,
      "x-amz-security-token": "IQoJb3JpZ2luMADEUPFORTHELAB",
      "authorization": "AWS4-HMAC-SHA256 Credential=ASIAMADEUPFORLAB0001/" + scope +
        ", SignedHeaders=" + SIGNED + ", Signature=" + "0".repeat(64),
    },
    body: "{}",
  }];
}

async function one(way, service, operation, region) {
  const [url, init] = request(way, service, operation, region);
  const name = operation.split(".").pop();
  const begin = performance.now();
  const entry = { name, url, way };
  try {
    const answer = await fetch(url, init);
    await answer.text();
    entry.status = answer.status;
  } catch (e) {
    entry.error = String(e);
  }
  entry.ms = Math.round(performance.now() - begin);
  if (way === "direct" && service === "monitoring") {
    fetch("/p/log/1/cloudwatch/1/OP/&k0=" + name + "_Time&m0=" + entry.ms + "&cb=" + Date.now()).catch(() => {});
  }
  return entry;
}

async function open_page(path, region) {
  const entries = await Promise.all(CALLS[path].map(([way, service, operation]) => one(way, service, operation, region)));
  document.getElementById("log").textContent = JSON.stringify(entries, null, 1);
  document.body.dataset.done = "yes";
}
