// Records of the audit log as an admin reads them. Pure.
#include "keystore/cli/audit_lines.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "keystore/audit/log_lines.h"
#include "keystore/base/json_tree.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

std::string joined(const Json& list) {
  std::string text;
  for (const Json& item : list) {
    if (!item.is_string()) continue;
    text += (text.empty() ? "" : " ") + item.get<std::string>();
  }
  return text;
}

void add(std::string& text, const char* word, const std::string& value) {
  if (value.empty()) return;
  text += std::string(" ") + word + (*word == '\0' ? "" : " ") + value;
}

}  // namespace

std::optional<Json> parse_audit_line(std::string_view line) {
  auto record = json_tree<Json>(line, {.max_bytes = kMaxLogLine});
  if (!record) return std::nullopt;
  return std::make_optional<Json>(*std::move(record));
}

std::string audit_field(const Json& record, const char* name) {
  const auto found = record.find(name);
  if (found == record.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_array()) return joined(*found);
  return found->dump();
}

std::vector<std::string> audit_items(const Json& record, const char* name) {
  std::vector<std::string> texts;
  const auto found = record.find(name);
  if (found == record.end() || !found->is_array()) return texts;
  for (const Json& each : *found) {
    if (each.is_string()) texts.push_back(each.get<std::string>());
  }
  return texts;
}

std::string audit_user(const Json& record) {
  const std::string user = audit_field(record, "user");
  const std::string uid = audit_field(record, "uid");
  return !user.empty() || uid.empty() ? user : "uid " + uid;
}

std::string audit_image(const Json& record) {
  const std::string path = audit_field(record, "path");
  return path.empty() ? audit_field(record, "image") : path;
}

std::string describe_record(const Json& record) {
  std::string text = audit_field(record, "time");
  add(text, "", audit_field(record, "event"));
  add(text, "node", audit_field(record, "node"));
  const std::string step = audit_field(record, "step");
  add(text, "job", audit_field(record, "job") + (step.empty() ? "" : "." + step));
  const std::string user = audit_field(record, "user");
  add(text, "user", user.empty() ? audit_field(record, "uid") : user);
  add(text, "through sudo of", audit_field(record, "sudo_user"));
  if (record.contains("command")) {
    add(text, "ran: sifctl", audit_field(record, "command"));
  } else {
    add(text, "image", audit_image(record));
  }
  add(text, "", audit_field(record, "digest"));
  add(text, "clock", audit_field(record, "clock"));
  add(text, "bindings", audit_field(record, "bindings"));
  add(text, "signers", audit_field(record, "signers"));
  add(text, "key", audit_field(record, "key_id"));
  add(text, "release", audit_field(record, "release"));
  add(text, "refusals left out:", audit_field(record, "count"));
  add(text, "code", audit_field(record, "code"));
  add(text, "-", audit_field(record, "reason"));
  return text;
}

}  // namespace sifguard
