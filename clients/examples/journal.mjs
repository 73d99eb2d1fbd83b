// Create an entry in SAMO, follow its progress, read its insight, find it again, delete it.
import { Samo } from "../javascript/samo.js";

const { SAMO_URL, SAMO_TOKEN } = process.env;
const samo = new Samo(SAMO_URL, { token: SAMO_TOKEN });

let entry = await samo.entries.create({ text: "I was afraid of the exam, but I passed! Thank you all so much." });
for await (entry of samo.entries.follow(entry.id)) {
  const stages = entry.stages.map(({ stage, state }) => `${stage}: ${state}`);
  console.log(entry.status, stages);
}

const { support, insight } = entry;
const emotions = insight.emotions.map(({ emotion }) => emotion);
console.log(support && !support.dismissed ? support : { emotions });
console.log("summary:", insight.summary?.text);

for (const { score, passage } of (await samo.search("passing an exam")).results) {
  console.log(`found (${score.toFixed(2)}):`, passage);
}

await samo.entries.delete(entry.id);
console.log("deleted");
