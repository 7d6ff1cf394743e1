// format_audit_line() of audit.h: a record as one line of JSON. Pure.
#include <nlohmann/json.hpp>

#include "keystore/audit/audit.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

/// Names come from users: one record must not grow without bound.
constexpr std::size_t kMaxText = 4096;
constexpr std::size_t kMaxItems = 256;
constexpr std::size_t kMaxName = 512;
constexpr std::size_t kMaxReason = 1024;

std::size_t written_size(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace).size() - 2;  // its quotes
}

std::string as_it_is(const std::string& text) {
  return text;
}

/// What users choose, in `form` and at most `limit` bytes as it is written, escapes included: of
/// what is longer its ends, its length and its hash.
std::string bounded(const std::string& text, std::size_t limit,
                    std::string (*form)(const std::string&)) {
  if (text.size() <= limit) {
    std::string whole = form(text);
    if (written_size(whole) <= limit) return whole;
  }
  const auto digest = sha256(as_bytes(text));
  const std::string middle = "...(" + std::to_string(text.size()) +
                             " bytes, sha256:" + (digest ? to_hex(*digest) : "unknown") + ")...";
  for (std::size_t keep = (limit - middle.size()) / 2;; keep /= 2) {
    std::string ends = form(text.substr(0, keep)) + middle + form(text.substr(text.size() - keep));
    if (keep == 0 || written_size(ends) <= limit) return ends;
  }
}

void put(Json& line, const char* field, const std::string& text) {
  if (text.empty()) return;
  line[field] = text.size() <= kMaxText ? text : text.substr(0, kMaxText) + "...";
}

void put(Json& line, const char* field, std::int64_t number) {
  if (number >= 0) line[field] = number;
}

void put(Json& line, const char* field, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  Json list = Json::array();
  for (const std::string& text : texts) {
    if (list.size() == kMaxItems) break;
    list.push_back(text.substr(0, kMaxText));
  }
  line[field] = std::move(list);
}

void put_names(Json& line, const char* field, std::vector<std::string> names) {
  for (std::string& name : names) name = audit_name(name);
  put(line, field, names);
}

}  // namespace

std::string audit_name(const std::string& name) {
  if (is_utf8(name) && name.find('\\') == std::string::npos) return name;
  return printable(name, kMaxText + 1);
}

std::string format_audit_line(const AuditRecord& record, std::int64_t now_ms) {
  Json line;
  line["time"] = format_utc_ms(now_ms);
  put(line, "event", record.event);
  put(line, "job", record.job);
  put(line, "step", record.step);
  put(line, "sluid", record.sluid);
  put(line, "node", record.node);
  put(line, "user", record.user);
  put(line, "uid", record.uid);
  put(line, "image", bounded(record.image, kMaxName, audit_name));
  put(line, "path", bounded(record.path, kMaxName, audit_name));
  put(line, "digest", record.digest);
  put(line, "bindings", record.bindings);
  put(line, "signers", record.signers);
  put(line, "key_id", record.key_id);
  put(line, "release", record.release);
  put(line, "decision", record.decision);
  put(line, "code", record.code);
  put(line, "reason", bounded(record.reason, kMaxReason, as_it_is));
  put(line, "break_glass", record.break_glass);
  put(line, "count", record.count);
  put(line, "since", record.since);
  put(line, "login_uid", record.login_uid);
  put(line, "sudo_user", record.sudo_user);
  put_names(line, "command", record.command);
  put(line, "clock", record.clock);
  put(line, "duration_ms", record.duration_ms);
  return line.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace sifguard
