// sifctl policy check|diff|apply: an images.yaml written elsewhere, judged, compared with the one
// in the keystore, and put in its place. Runs with the rights of the admin.
#include "keystore/cli/commands.h"

#include <time.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "keystore/base/exit_status.h"
#include "keystore/base/input_file.h"
#include "keystore/base/json_values.h"
#include "keystore/base/text.h"
#include "keystore/cli/breakglass.h"
#include "keystore/cli/known_accounts.h"
#include "keystore/cli/named_signers.h"
#include "keystore/cli/policy_diff.h"
#include "keystore/cli/policy_problems.h"
#include "keystore/cli/session.h"
#include "keystore/store/images_file.h"
#include "keystore/store/key_references.h"

namespace sifguard {
namespace {

using Json = nlohmann::ordered_json;

struct PolicyOptions {
  std::string file;
  bool force = false;
};

/// The file that the admin names, well-formed, and its text.
struct Candidate {
  std::string text;
  Policy policy;
};

Result<Candidate> read_candidate(const std::string& file) {
  SG_TRY(std::string text, read_input_text(file, kMaxImagesSize));
  SG_TRY(Policy policy, parse_policy_file(text, file));
  return Candidate{std::move(text), std::move(policy)};
}

/// What stands in the keystore; a file that is not well-formed may be replaced, but not compared.
Result<Policy> current_policy(const std::string& text) {
  return parse_policy(text.empty() ? kEmptyImages : std::string_view(text));
}

Json to_json(const std::vector<PolicyProblem>& problems) {
  Json list = Json::array();
  for (const PolicyProblem& problem : problems) {
    list.push_back(
        {{"binding", problem.binding}, {"line", problem.line}, {"problem", problem.what}});
  }
  return list;
}

Json to_json(const std::vector<BindingChange>& changes) {
  Json list = Json::array();
  for (const BindingChange& change : changes) {
    list.push_back({{"binding", change.name},
                    {"change", change_name(change.kind)},
                    {"before", change.before},
                    {"after", change.after}});
  }
  return list;
}

std::string describe(const PolicyProblem& problem, const std::string& file) {
  return file + ":" + std::to_string(problem.line) + ": binding '" + problem.binding +
         "': " + problem.what;
}

std::string counted(std::size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

/// No problem: the admin's host need not know the cluster's accounts.
void note_accounts(const Session& session, const Rules& rules) {
  UnknownAccounts accounts;
  for (const Binding& binding : rules.policy.bindings) accounts.add(binding);
  accounts.tell(session);
}

/// No problem either: another host may be where they were replaced.
Status note_signers(const Session& session, const Keystore& keystore, const Rules& rules) {
  std::set<std::string> names;
  for (const Binding& binding : rules.policy.bindings) {
    names.insert(binding.signers.any_of.begin(), binding.signers.any_of.end());
    names.insert(binding.signers.all_of.begin(), binding.signers.all_of.end());
  }
  return note_unfit(session, keystore, {names.begin(), names.end()});
}

Json to_json(const std::vector<SharedBindings>& shared) {
  Json list = Json::array();
  for (const SharedBindings& one : shared) {
    list.push_back(
        {{"bindings", one.bindings}, {"image", one.image}, {"left", text_or_null(one.left)}});
  }
  return list;
}

/// That all must allow, which is not what somebody who adds a binding may think. Those that leave
/// nobody are problems, and told as such.
void tell_shared(const Session& session, const std::vector<SharedBindings>& shared,
                 const std::string& file) {
  constexpr std::size_t kMost = 20;
  std::size_t told = 0;
  for (const SharedBindings& one : shared) {
    if (!one.left.empty() && ++told <= kMost) {
      session.out(printable(file + ": " + describe(one), 4096) + "\n");
    }
  }
  if (told > kMost) session.out("and " + std::to_string(told - kMost) + " more like these\n");
}

Status check_file(Session& session, const PolicyOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(Candidate candidate, read_candidate(options.file));
  SG_TRY(const Rules rules, read_rules(keystore, std::move(candidate.policy)));
  const auto problems = find_problems(rules, ::time(nullptr));
  Policy resolved = rules.policy;
  resolve_keys(resolved, rules.keys);
  const auto shared = find_shared_bindings(resolved, ::time(nullptr));
  const std::size_t bindings = rules.policy.bindings.size();
  session.answer(
      "policy-check",
      {{"bindings", bindings}, {"problems", to_json(problems)}, {"shared", to_json(shared)}});
  tell_shared(session, shared, options.file);
  for (const PolicyProblem& problem : problems) {
    session.out(printable(describe(problem, options.file)) + "\n");
  }
  session.out(printable(options.file) + ": " + counted(bindings, "binding") + ", " +
              counted(problems.size(), "problem") + "\n");
  note_accounts(session, rules);
  SG_CHECK(note_signers(session, keystore, rules));
  if (!problems.empty()) session.status = command_status(Code::config);
  return {};
}

void show_changes(const Session& session, const std::vector<BindingChange>& changes) {
  session.answer("policy-change-list", to_json(changes));
  if (changes.empty()) {
    session.out("no binding changes\n");
  } else {
    session.out(format_changes(changes));
  }
}

Status diff(const Session& session, const PolicyOptions& options) {
  SG_TRY(const Keystore keystore, session.keystore());
  SG_TRY(const Candidate candidate, read_candidate(options.file));
  SG_TRY(const std::string text, images_or_none(keystore));
  SG_TRY(const Policy now, current_policy(text));
  show_changes(session, diff_policies(now, candidate.policy));
  return {};
}

Status refuse_problems(const Session& session, const Rules& rules, const PolicyOptions& options) {
  const auto problems = find_problems(rules, ::time(nullptr));
  if (problems.empty()) return {};
  if (!options.force) {
    return fail(
        Code::config,
        describe(problems.front(), options.file) +
            (problems.size() == 1 ? "" : " (and " + std::to_string(problems.size() - 1) + " more)"),
        "see sifctl policy check; --force applies it all the same");
  }
  for (const PolicyProblem& problem : problems) session.note(describe(problem, options.file));
  return {};
}

Status apply(const Session& session, const PolicyOptions& options) {
  SG_TRY(Keystore keystore, session.keystore());
  SG_TRY(Candidate candidate, read_candidate(options.file));
  SG_TRY(const FileLock held, lock_images(keystore));
  SG_TRY(const std::string before, images_or_none(keystore));
  SG_TRY(const Rules rules, read_rules(keystore, std::move(candidate.policy)));
  SG_CHECK(refuse_problems(session, rules, options));
  note_accounts(session, rules);
  SG_CHECK(note_signers(session, keystore, rules));
  const auto now = current_policy(before);
  if (now) {
    show_changes(session, diff_policies(*now, rules.policy));
  } else {
    session.note("replaces what is not well-formed: " + now.error().what());
    session.answer("policy-change-list", Json::array());
  }
  if (before == candidate.text) {
    session.unchanged("the keystore has this file already");
    return {};
  }
  SG_CHECK(void_break_glass(session, keystore, before, candidate.text));
  SG_CHECK(replace_images(keystore, before, candidate.text));
  if (session.dry_run) session.note("nothing was changed: --dry-run");
  return {};
}

template <typename Action>
CLI::App* add_one(CLI::App& group, Session& session, CommandKind kind, const char* name,
                  const char* help, const std::shared_ptr<PolicyOptions>& options, Action action) {
  auto* command = group.add_subcommand(name, help);
  command->add_option("file", options->file, "An images.yaml")->required()->type_name("FILE");
  session.on(kind, command, [&session, options, action] { return action(session, *options); });
  return command;
}

}  // namespace

void add_policy_commands(CLI::App& app, Session& session) {
  auto* group = app.add_subcommand("policy", "A whole images.yaml, kept elsewhere");
  group->require_subcommand(1);
  group->footer("\nEach command has its own --help.");
  add_one(*group, session, CommandKind::reads, "check",
          "Is the file valid, and does it match the keystore?", std::make_shared<PolicyOptions>(),
          check_file)
      ->footer(R"(
Besides the form this checks for signers and keys that the keystore lacks, keys that are revoked or whose
own rule refuses what a binding allows, and bindings that limit less than others of their key, contradict
each other, allow nobody, or have ended. Bindings that match the same images are named, with who is left,
because all must allow. Users and groups that this host does not know are named, but are not a problem.
  sifctl policy check images.yaml
Exit status: 0 no problems, 78 malformed or with problems.)");
  add_one(*group, session, CommandKind::reads, "diff", "Which bindings would change",
          std::make_shared<PolicyOptions>(), diff)
      ->footer("\n  sifctl policy diff images.yaml");
  const auto options = std::make_shared<PolicyOptions>();
  auto* command = add_one(*group, session, CommandKind::changes, "apply",
                          "Replace the keystore's images.yaml by the file", options, apply);
  Session::offer_dry_run(command, "Check and compare, and change nothing");
  command->add_flag("--force", options->force, "Apply it in spite of problems that check finds");
  command->footer(R"(
This shows what changes. A malformed file is never applied. The previous file stays in the keystore as
images.yaml.prev. The rules of keys are not changed: see sifctl key rule.
  sifctl policy apply images.yaml
  sifctl policy apply /var/lib/sifguard/keystore/images.yaml.prev)");
}

}  // namespace sifguard
