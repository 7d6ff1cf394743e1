// sifctl test: compares an admin's table of expected decisions with the keystore. Runs with the
// rights of the admin; changes nothing.
#include "keystore/cli/commands.h"

#include <time.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "keystore/base/contains.h"
#include "keystore/base/exit_status.h"
#include "keystore/base/file_kind.h"
#include "keystore/base/input_file.h"
#include "keystore/base/text.h"
#include "keystore/cli/decision_table.h"
#include "keystore/cli/explanation.h"
#include "keystore/cli/host_facts.h"
#include "keystore/cli/policy_problems.h"
#include "keystore/cli/session.h"

namespace sifguard {
namespace {

struct TestOptions {
  std::string table, policy;
};

/// One test and what came of it.
struct Outcome {
  const ExpectedDecision* test;
  bool allowed = false;
  std::string why;  ///< the first refusal; empty when allowed
  std::vector<std::string> bindings;
  std::string wrong;  ///< how it differs from what was expected; empty if it does not

  [[nodiscard]] bool good() const noexcept { return wrong.empty(); }
};

/// Groups are looked up once for each user.
class Tester {
 public:
  explicit Tester(const Rules& rules) : rules_(rules) {}

  [[nodiscard]] Result<Outcome> run(const ExpectedDecision& test) {
    SG_TRY(Facts facts, facts_of(test));
    const Explanation found = explain_launch(rules_, std::move(facts));
    Outcome outcome{&test, found.allowed(), {}, {}, {}};
    if (!found.allowed()) outcome.why = found.refusals.front();
    for (const auto& [binding, pattern] : found.matching) {
      outcome.bindings.push_back(binding->name);
    }
    if (outcome.allowed != test.allow) {
      outcome.wrong = outcome.allowed ? "is allowed" : "is refused: " + outcome.why;
    } else if (test.binding && !names(outcome, *test.binding)) {
      outcome.wrong = outcome.allowed
                          ? "is allowed, but not by '" + *test.binding + "'"
                          : "is refused, but not by '" + *test.binding + "': " + outcome.why;
    }
    return outcome;
  }

 private:
  /// Allowed by all that match; refused by the one that the refusal names.
  static bool names(const Outcome& outcome, const std::string& binding) {
    if (!outcome.allowed) return outcome.why.starts_with("binding '" + binding + "'");
    return contains(outcome.bindings, binding);
  }

  [[nodiscard]] Result<Facts> facts_of(const ExpectedDecision& test) {
    Facts facts;
    facts.user = test.user;
    if (test.groups) {
      facts.groups = *test.groups;
    } else {
      auto known = groups_.find(test.user);
      if (known == groups_.end()) {
        SG_TRY(auto groups, groups_of_user(test.user));
        known = groups_.emplace(test.user, std::move(groups)).first;
      }
      facts.groups = known->second;
    }
    SG_TRY(facts.image_names, names_of_image(test.image));
    facts.account = test.account;
    facts.partition = test.partition;
    facts.qos = test.qos;
    facts.reservation = test.reservation;
    facts.node = test.node;
    facts.now = test.at.value_or(::time(nullptr));
    return facts;
  }

  const Rules& rules_;
  std::map<std::string, std::vector<std::string>> groups_;
};

void answer(const Session& session, const std::vector<Outcome>& outcomes) {
  auto list = nlohmann::ordered_json::array();
  for (const Outcome& outcome : outcomes) {
    list.push_back({{"line", outcome.test->line},
                    {"user", outcome.test->user},
                    {"image", outcome.test->image},
                    {"expected", outcome.test->allow ? "allow" : "deny"},
                    {"decision", outcome.allowed ? "allow" : "deny"},
                    {"reason", outcome.why.empty() ? nlohmann::ordered_json()
                                                   : nlohmann::ordered_json(outcome.why)},
                    {"bindings", outcome.bindings},
                    {"good", outcome.good()}});
  }
  session.answer("decision-test-list", std::move(list));
}

Result<Rules> rules_of(const Keystore& keystore, const TestOptions& options) {
  if (options.policy.empty()) return read_rules(keystore);
  SG_TRY(const std::string text, read_input_text(options.policy, kMaxImagesSize));
  SG_TRY(Policy policy, parse_policy_file(text, options.policy));
  return read_rules(keystore, std::move(policy));
}

Status test(Session& session, const TestOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const std::string text, read_input_text(options.table, kMaxTableSize));
  const auto table = parse_decision_table(text, options.table);
  if (!table) return tl::unexpected(name_file_kind(table.error(), text, WantedFile::decisions));
  SG_TRY(const Rules rules, rules_of(keystore, options));
  Tester tester(rules);
  std::vector<Outcome> outcomes;
  for (const ExpectedDecision& one : *table) {
    auto outcome = tester.run(one);
    if (!outcome) {
      return tl::unexpected(
          std::move(outcome).error().prepend(options.table + ":" + std::to_string(one.line)));
    }
    outcomes.push_back(*std::move(outcome));
  }
  const auto failed = std::count_if(outcomes.begin(), outcomes.end(),
                                    [](const Outcome& outcome) { return !outcome.good(); });
  answer(session, outcomes);
  for (const Outcome& outcome : outcomes) {
    if (outcome.good()) continue;
    session.out(printable(options.table + ":" + std::to_string(outcome.test->line) + ": user " +
                          outcome.test->user + ", image " + outcome.test->image + ": " +
                          outcome.wrong) +
                "\n");
  }
  session.out(std::to_string(outcomes.size() - static_cast<std::size_t>(failed)) + " of " +
              std::to_string(outcomes.size()) + " decisions as expected\n");
  if (failed != 0) session.status = command_status(Code::refused);
  return {};
}

}  // namespace

void add_test_command(CLI::App& app, Session& session) {
  auto* command =
      app.add_subcommand("test", "Compare a table of expected decisions with the policy");
  command->footer(R"(
Each test in TABLE requires user, image and expect (allow or deny); account, partition, qos,
reservation and node are unknown unless given; groups are those of the name service unless given; at
is the time to decide for; binding names the one that must allow or refuse. Signatures are not checked.
  version: 1
  tests:
    - {user: alice, partition: secure, image: /apps/secure/lolcow.sif, expect: allow}
    - {user: mallory, groups: [bio], image: /apps/secure/lolcow.sif, expect: deny, binding: lolcow}
Before a change is applied:
  sifctl test decisions.yaml --policy images.yaml && sifctl policy apply images.yaml
Exit status: 0 all as expected, 65 some are not, 78 the table or the policy is malformed.)");
  const auto options = std::make_shared<TestOptions>();
  command->add_option("table", options->table, "Expected decisions")
      ->required()
      ->type_name("TABLE");
  command->add_option("--policy", options->policy, "Another images.yaml than the keystore's")
      ->type_name("FILE");
  session.on_read(command, [&session, options] { return test(session, *options); });
}

}  // namespace sifguard
