// Records of the audit log as an admin reads them. Pure.
#include "keystore/cli/audit_lines.h"

#include <utility>

#include "keystore/audit/log_lines.h"

namespace sifguard {
namespace {

void add(std::string& text, const char* word, const std::string& value) {
  if (value.empty()) return;
  text += std::string(" ") + word + (*word == '\0' ? "" : " ") + value;
}

}  // namespace

std::optional<FlatJson> parse_audit_line(std::string_view line) {
  auto record = FlatJson::parse(line, {.max_bytes = kMaxLogLine});
  if (!record) return std::nullopt;
  return *std::move(record);
}

std::string audit_user(const FlatJson& record) {
  const std::string user = record.text("user");
  const std::string uid = record.text("uid");
  return !user.empty() || uid.empty() ? user : "uid " + uid;
}

std::string audit_image(const FlatJson& record) {
  const std::string path = record.text("path");
  return path.empty() ? record.text("image") : path;
}

std::string describe_record(const FlatJson& record) {
  std::string text = record.text("time");
  add(text, "", record.text("event"));
  add(text, "node", record.text("node"));
  const std::string step = record.text("step");
  add(text, "job", record.text("job") + (step.empty() ? "" : "." + step));
  const std::string user = record.text("user");
  add(text, "user", user.empty() ? record.text("uid") : user);
  add(text, "through sudo of", record.text("sudo_user"));
  if (record.has("command")) {
    add(text, "ran: sifctl", record.text("command"));
  } else {
    add(text, "image", audit_image(record));
  }
  add(text, "", record.text("digest"));
  add(text, "clock", record.text("clock"));
  add(text, "bindings", record.text("bindings"));
  add(text, "signers", record.text("signers"));
  add(text, "key", record.text("key_id"));
  add(text, "release", record.text("release"));
  add(text, "refusals left out:", record.text("count"));
  add(text, "code", record.text("code"));
  add(text, "-", record.text("reason"));
  return text;
}

}  // namespace sifguard
