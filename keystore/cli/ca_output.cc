// How `sifctl ca` shows certificates, and reads the one that is meant. Runs with the rights of the
// admin.
#include "keystore/cli/ca_output.h"

#include <sys/stat.h>
#include <time.h>

#include <nlohmann/json.hpp>

#include "keystore/base/clock.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/crypto/certificate.h"
#include "keystore/crypto/openssl.h"

namespace sifguard {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

nlohmann::ordered_json to_json(const IssuedCertificate& one, const JudgedBy& by) {
  nlohmann::ordered_json value = {{"serial", one.serial},
                                  {"state", shown_state(one, by)},
                                  {"profile", profile_name(one.profile)},
                                  {"name", one.name},
                                  {"subject", one.subject},
                                  {"names", one.names},
                                  {"issuer", one.issuer},
                                  {"from", format_utc(one.from)},
                                  {"until", format_utc(one.until)},
                                  {"spki", one.spki}};
  const bool revoked = one.revoked_at > 0;
  value["revoked_at"] = revoked ? nlohmann::ordered_json(format_utc(one.revoked_at)) : nullptr;
  value["reason"] = revoked ? nlohmann::ordered_json(one.reason) : nullptr;
  return value;
}

}  // namespace

std::string shown_state(const IssuedCertificate& one, const JudgedBy& by) {
  return std::string(certificate_state_name(
      state_of(one, ::time(nullptr), by.expiring_days * kDay, by.intermediate_good)));
}

void answer_certificate(const Session& session, const IssuedCertificate& one, const JudgedBy& by) {
  session.answer("certificate", to_json(one, by));
}

void show_certificate(const Session& session, const IssuedCertificate& one, const JudgedBy& by) {
  answer_certificate(session, one, by);
  session.print_fields({{"serial", one.serial},
                        {"state", shown_state(one, by)},
                        {"profile", std::string(profile_name(one.profile))},
                        {"name", one.name},
                        {"subject", one.subject},
                        {"names", joined(one.names)},
                        {"issuer", one.issuer},
                        {"from", format_utc(one.from)},
                        {"until", format_utc(one.until)},
                        {"revoked", one.revoked_at > 0 ? format_utc(one.revoked_at) : ""},
                        {"reason", one.reason},
                        {"key", one.spki}});
}

void list_certificates(const Session& session, const std::vector<IssuedCertificate>& all,
                       const JudgedBy& by) {
  auto array = nlohmann::ordered_json::array();
  for (const IssuedCertificate& one : all) array.push_back(to_json(one, by));
  session.answer("certificate-list", std::move(array));
  std::vector<std::vector<std::string>> rows;
  for (const IssuedCertificate& one : all) {
    rows.push_back({one.serial, shown_state(one, by), std::string(profile_name(one.profile)),
                    one.name, format_utc(one.until), one.subject});
  }
  session.print_table({"SERIAL", "STATE", "PROFILE", "NAME", "UNTIL", "SUBJECT"}, rows);
}

void tell_handovers(const Session& session, const Keystore& keystore) {
  if (session.dry_run) return;  // it tidies
  const auto lines = settle_handovers(keystore);
  if (!lines) session.note(lines.error().line());
  for (const std::string& line : lines.value_or(std::vector<std::string>())) session.note(line);
}

Result<std::string> certificate_argument(const std::string& text) {
  struct stat st {};
  if (::stat(text.c_str(), &st) != 0) return to_lower(pasted_hex(text));
  SG_TRY(std::string raw, read_input_text(text, kMaxKeyFile));
  const std::string content = plain_text(std::move(raw));
  const auto all = parse_certificates(content);
  if (!all) {
    Error error = name_file_kind(all.error(), content, WantedFile::certificate);
    return tl::unexpected(std::move(error).prepend(text));
  }
  return certificate_pem(*all->front());  // of a chain the leaf, which comes first
}

Status write_output(const Session& session, const std::string& path, std::string_view content,
                    bool force) {
  if (path == "-") {
    if (!session.dry_run) session.out_content(content);
    return {};
  }
  if (session.dry_run) return OutputFile::try_out(path, force);
  SG_TRY(OutputFile file, OutputFile::stage(path, as_bytes(content), 0644, force));
  SG_CHECK(file.publish());
  file.keep();
  return {};
}

}  // namespace sifguard
