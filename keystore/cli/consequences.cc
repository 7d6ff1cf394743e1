// What is shown before a right is taken away, and the question before a final change. Runs with the
// rights of the admin.
#include "keystore/cli/consequences.h"

#include <time.h>
#include <unistd.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "keystore/base/json_values.h"
#include "keystore/base/one_line.h"
#include "keystore/cli/confirm.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostLines = 20;

/// How often a user launched an image, and when last.
struct Use {
  std::size_t launches = 0;
  std::string last;
};
using Uses = std::map<std::pair<std::string, std::string>, Use>;  // by user and image

void tell(const Session& session, const std::string& line) {
  if (session.json) {
    session.note(line);
  } else {
    session.out(one_line(line, 4096) + "\n");
  }
}

void tell_uses(const Session& session, const std::string& what, const Uses& uses) {
  std::size_t told = 0;
  for (const auto& [who, use] : uses) {
    if (++told > kMostLines) break;
    tell(session, what + ": " + who.first + ", " + who.second + " (" +
                      std::to_string(use.launches) + (use.launches == 1 ? " launch" : " launches") +
                      ", the last on " + use.last + ")");
  }
  if (uses.size() > kMostLines) {
    tell(session,
         "and " + std::to_string(uses.size() - kMostLines) + " more users and images like these");
  }
}

Json to_json(const Uses& uses) {
  Json list = Json::array();
  for (const auto& [who, use] : uses) {
    list.push_back({{"user", who.first},
                    {"image", who.second},
                    {"launches", use.launches},
                    {"last", use.last}});
  }
  return list;
}

void answer(const Session& session, const PastLaunches& past, const Uses& refused,
            const Uses& perhaps) {
  const std::string unknown = past.no_log ? "this host has no audit log of launches" : past.unknown;
  session.answer_past_launches({{"days", kPastDays},
                                {"launches", past.all.size()},
                                {"refused", to_json(refused)},
                                {"perhaps", to_json(perhaps)},
                                {"unknown", text_or_null(unknown)}});
}

std::string days() {
  return std::to_string(kPastDays) + " days";
}

}  // namespace

void ActOptions::offer(CLI::App& command, bool is_final) {
  config = SIFGUARD_CONFIG_FILE;
  command.add_flag("--dry-run", dry_run, kDryRunHelp);
  if (is_final) command.add_flag("--yes", yes, "Do not ask");
  command.add_option("--config", config, "The node's configuration, which names its audit log")
      ->type_name("FILE")
      ->capture_default_str();
  command
      .add_option("--audit", audit,
                  "Audit logs of nodes, instead of this host's: who would be refused")
      ->type_name("FILE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void tell_launches(const Session& session, const ActOptions& options,
                   const std::function<Effect(const PastLaunch&)>& effect) {
  const PastLaunches past = past_launches(options.audit, options.config, ::time(nullptr));
  Uses refused;
  Uses perhaps;
  for (const PastLaunch& launch : past.all) {
    const Effect found = effect(launch);
    if (found == Effect::none) continue;
    Use& use = (found == Effect::refused ? refused : perhaps)[{launch.user, launch.image}];
    ++use.launches;
    if (launch.time > use.last) use.last = launch.time;
  }
  answer(session, past, refused, perhaps);
  tell_uses(session, "launched within " + days() + ", and would be refused", refused);
  tell_uses(session, "launched within " + days() + ", and may be refused, by when it was signed",
            perhaps);
  if (past.no_log) {
    if (options.dry_run && !session.json) {
      tell(session,
           "which images users launched recently is not known: this host has no audit log of "
           "launches "
           "(--audit FILE takes the logs of nodes)");
    }
    return;
  }
  // That there is nothing to tell is worth no note beside an object.
  if (refused.empty() && perhaps.empty() && past.unknown.empty() && !session.json) {
    tell(session, "of the " + std::to_string(past.all.size()) + " launches within " + days() +
                      ", by the audit log, none would be refused");
  }
  if (!past.unknown.empty()) {
    tell(session, "which images users launched recently is not known, or not all: " + past.unknown +
                      " (--audit FILE takes the logs of nodes)");
  }
}

Status tell_launches(const Session& session, const ActOptions& options, const Keystore& keystore,
                     const LostSigners& lost) {
  SG_TRY(const std::string text, keystore.images_text());
  const auto policy = parse_policy(text);
  if (!policy) return {};  // told by others; nothing launches by it
  SG_TRY(const auto keys, keystore.keys());
  tell_launches(session, options,
                [&](const PastLaunch& launch) { return effect_of(lost, launch, *policy, keys); });
  return {};
}

Status ask_before_final(const ActOptions& options, const std::string& what) {
  if (options.yes || options.dry_run || ::isatty(STDIN_FILENO) != 1) return {};
  return confirm(what + " is final: there is no way back.", "yes");
}

}  // namespace sifguard
