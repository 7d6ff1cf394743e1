// Starting sifguard-explain. Root, on a node.
#include "keystore/cli/explain_program.h"

#include <unistd.h>

#include "keystore/base/absolute_path.h"
#include "keystore/base/json_tree.h"
#include "keystore/base/run_program.h"
#include "keystore/cli/session.h"
#include "keystore/policy/config.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostSaid = std::size_t{256} << 10U;
constexpr int kLeastTimeMs = 60'000;

/// Its own deadlines, and a minute.
int timeout_ms(const Config& config) {
  return (config.stage_timeout_s + config.verify_timeout_s) * 1000 + kLeastTimeMs;
}

std::string text_of(const Json& json, const char* field) {
  const auto found = json.find(field);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string joined(const Json& json, const char* field) {
  std::string text;
  const auto found = json.find(field);
  if (found == json.end() || !found->is_array()) return text;
  for (const Json& each : *found) text += (text.empty() ? "" : " ") + each.get<std::string>();
  return text;
}

}  // namespace

Result<VerifiedAnswer> ask_explain_program(const VerifyQuestion& question) {
  if (::geteuid() != 0) {
    return fail(Code::denied, "--verify opens the image as the user, which root alone can do",
                "run it as root on a node");
  }
  SG_TRY(const Config config, load_config(question.config, Session::trust()));
  if (config.keystore != question.keystore) {
    return fail(
        Code::config,
        "launches on this host use the keystore " + config.keystore + ", not " + question.keystore,
        "sifctl --keystore " + config.keystore + " explain …");
  }
  ProgramRun run;
  run.program = own_program("sifguard-explain");
  run.arguments = {"--user=" + question.user, "--config=" + question.config};
  if (const auto cwd = working_directory()) run.arguments.push_back("--cwd=" + *cwd);
  run.arguments.insert(run.arguments.end(), question.facts.begin(), question.facts.end());
  run.arguments.insert(run.arguments.end(), {"--", question.image});
  run.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  run.output_limit = kMostSaid;
  run.timeout_ms = timeout_ms(config);
  SG_TRY(const SecretBytes said, run_program(run));
  auto json = json_tree<Json>(as_text(said.bytes()), {.max_bytes = kMostSaid});
  const bool whole = json && json->contains("status") && (*json)["status"].is_number();
  if (!whole) return fail(Code::internal, run.program + " gave no answer");
  const int status = (*json)["status"].get<int>();
  return VerifiedAnswer{status, *std::move(json)};
}

void add_fields(const VerifiedAnswer& answer,
                std::vector<std::pair<std::string, std::string>>& fields) {
  const Json& json = answer.json;
  fields.emplace_back("opened as", text_of(json, "path"));
  fields.emplace_back("image's digest", text_of(json, "digest"));
  fields.emplace_back("verified by", joined(json, "signers"));
  fields.emplace_back("opened with", text_of(json, "key"));
  const std::string driver = text_of(json, "mount_driver");
  fields.emplace_back("release here", text_of(json, "release") +
                                          (driver == "fuse" ? ", by mount_driver: fuse" : ""));
  fields.emplace_back("note", text_of(json, "note"));
  const std::string reason = text_of(json, "reason");
  const std::string remedy = text_of(json, "remedy");
  const std::string why = reason + (remedy.empty() ? "" : "; " + remedy);
  if (answer.status != 0) {
    fields.emplace_back("launch", "refused with " + std::to_string(answer.status) + ": " + why);
  } else {
    fields.emplace_back("launch", why.empty() ? "allowed" : "allowed, with a warning: " + why);
  }
}

}  // namespace sifguard
