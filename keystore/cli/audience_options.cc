// The options of a command that say who may run an image. Runs with the rights of the admin.
#include "keystore/cli/audience_options.h"

#include "keystore/base/text.h"

namespace sifguard {
namespace {

void set(std::optional<std::vector<std::string>>& dimension,
         const std::vector<std::string>& values) {
  if (!values.empty()) dimension = values;
}

}  // namespace

void AudienceOptions::offer(CLI::App& command) {
  const auto add = [&](const char* flag, Values& values, const char* type, const char* help) {
    command.add_option(flag, values, help)->type_name(type)->group("Who may run it");
  };
  add("--allow-user", users_, "USER", "One of these users");
  add("--allow-group", groups_, "GROUP", "A member of one of these groups");
  add("--allow-account", accounts_, "ACCOUNT", "A job of one of these Slurm accounts");
  add("--allow-partition", partitions_, "PARTITION", "A job in one of these partitions");
  add("--allow-qos", qos_, "QOS", "A job of one of these QOS");
  add("--allow-reservation", reservations_, "NAME", "A job in one of these reservations");
  add("--allow-node", nodes_, "NODE", "A job on one of these nodes");
  command.add_flag("--everyone", everyone_, "Any user")->group("Who may run it");
  add("--deny-user", deny_users_, "USER", "None of these users, whatever else allows them");
  add("--deny-group", deny_groups_, "GROUP", "No member of these groups");
}

void AudienceOptions::take(const std::string& words) {
  for (const std::string& word : split(words, ' ')) {
    if (word == "everyone") {
      everyone_ = true;
    } else if (word.starts_with('@')) {
      groups_.push_back(word.substr(1));
    } else if (!word.empty()) {
      users_.push_back(word);
    }
  }
}

Result<Audience> AudienceOptions::allow() const {
  Audience allow;
  set(allow.users, users_);
  set(allow.groups, groups_);
  set(allow.accounts, accounts_);
  set(allow.partitions, partitions_);
  set(allow.qos, qos_);
  set(allow.reservations, reservations_);
  set(allow.nodes, nodes_);
  if (everyone_) {
    if (allow.users || allow.groups) {
      return fail(Code::usage, "--everyone contradicts --allow-user and --allow-group",
                  "leave one of them out");
    }
    allow.users = Values{std::string(kAnyUser)};
  }
  if (allow == Audience{}) {
    return fail(Code::usage, "nobody is allowed to run the image",
                "say who: --allow-user, --allow-group, --allow-account, --allow-partition, "
                "--allow-qos, --allow-reservation or --allow-node; or --everyone");
  }
  return allow;
}

Result<std::optional<Audience>> AudienceOptions::deny() const {
  Audience deny;
  set(deny.users, deny_users_);
  set(deny.groups, deny_groups_);
  if (deny.users && deny.groups) {
    return fail(Code::usage, "--deny-user and --deny-group together would deny only who is both",
                "give one of them, and edit images.yaml for more");
  }
  if (deny == Audience{}) return std::nullopt;
  return deny;
}

}  // namespace sifguard
