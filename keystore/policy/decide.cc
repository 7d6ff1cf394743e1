// decide() of policy.h: facts and bindings to a Decision or a refusal. Pure; no clock, no files.
#include <algorithm>
#include <array>
#include <set>

#include "keystore/base/contains.h"
#include "keystore/base/text.h"
#include "keystore/policy/date.h"
#include "keystore/policy/policy.h"
#include "keystore/policy/signer_id.h"

namespace sifguard {
namespace {

using Values = std::vector<std::string>;

/// One dimension of an audience beside what is known about it.
struct JobDimension {
  const char* word;                     ///< in messages: "partition"
  const std::optional<Values>* wanted;  ///< absent: unconstrained
  std::optional<Values> known;          ///< nullopt: unknown; a user has one value, groups many
  [[nodiscard]] bool holds() const {
    if (std::string_view(word) == "user" && contains(**wanted, kAnyUser)) return true;
    return std::any_of(known->begin(), known->end(),
                       [this](const std::string& value) { return contains(**wanted, value); });
  }
  /// "user mallory", "partition debug"; groups are many, so they are the user's.
  [[nodiscard]] std::string shown(const Facts& facts) const {
    if (std::string_view(word) == "group")
      return "the groups of user " + printable(facts.user, 100);
    if (known->front().empty()) return std::string("a job without ") + word;
    return std::string(word) + " " + printable(known->front(), 100);
  }
};

/// Every job has an account, a partition, a QOS and a node: an empty one is not known.
std::optional<Values> known_fact(const std::optional<std::string>& fact) {
  if (!fact || fact->empty()) return std::nullopt;
  return Values{*fact};
}

/// The constrained dimensions of `audience`.
std::vector<JobDimension> constrained(const Audience& audience, const Facts& facts) {
  const auto user = known_fact(facts.user);
  const auto groups = facts.groups.empty() ? std::nullopt : std::optional<Values>(facts.groups);
  const auto reservation =
      facts.reservation ? std::optional<Values>(Values{*facts.reservation}) : std::nullopt;
  std::vector<JobDimension> dimensions = {
      {"user", &audience.users, user},
      {"group", &audience.groups, groups},
      {"account", &audience.accounts, known_fact(facts.account)},
      {"partition", &audience.partitions, known_fact(facts.partition)},
      {"qos", &audience.qos, known_fact(facts.qos)},
      {"reservation", &audience.reservations, reservation},
      {"node", &audience.nodes, known_fact(facts.node)}};
  dimensions.erase(std::remove_if(dimensions.begin(), dimensions.end(),
                                  [](const JobDimension& d) { return !d.wanted->has_value(); }),
                   dimensions.end());
  return dimensions;
}

tl::unexpected<Error> denied(const Binding& binding, const std::string& why,
                             std::string remedy = {}) {
  return fail(Code::denied, "binding '" + binding.name + "' " + why, std::move(remedy));
}

Status all_known(const Binding& binding, const std::vector<JobDimension>& dimensions,
                 std::string_view verb) {
  for (const JobDimension& dimension : dimensions) {
    if (!dimension.known) {
      return denied(binding, std::string(verb) + " by " + dimension.word + ", and the job's " +
                                 dimension.word + " is not known here");
    }
  }
  return {};
}

Status check_allow(const Binding& binding, const Facts& facts) {
  const auto dimensions = constrained(binding.allow, facts);
  SG_CHECK(all_known(binding, dimensions, "allows"));
  for (const JobDimension& dimension : dimensions) {
    if (!dimension.holds()) return denied(binding, "does not allow " + dimension.shown(facts));
  }
  // parse_policy() lets no such binding through; one made otherwise must not mean "everybody".
  if (dimensions.empty()) return denied(binding, "allows nobody");
  return {};
}

/// What lets this user pass this binding now; null if nothing does.
const BreakGlass* find_break_glass(const Policy& policy, const Binding& binding,
                                   const Facts& facts) {
  const auto found = std::find_if(
      policy.break_glass.begin(), policy.break_glass.end(), [&](const BreakGlass& leave) {
        return leave.binding == binding.name && !facts.user.empty() && leave.user == facts.user &&
               leave.since <= facts.now && facts.now < leave.until &&
               leave.until - leave.since <= kMaxBreakGlass;
      });
  return found == policy.break_glass.end() ? nullptr : &*found;
}

/// The limits of one binding before its allow: its time, then deny.
Status check_limits(const Binding& binding, const Facts& facts) {
  if (binding.not_before && facts.now < *binding.not_before) {
    return denied(binding, "begins on " + format_date(*binding.not_before, DayEdge::first_second));
  }
  if (binding.not_after && facts.now > *binding.not_after) {
    return denied(binding, "ended on " + format_date(*binding.not_after, DayEdge::last_second));
  }
  if (binding.deny) {
    const auto dimensions = constrained(*binding.deny, facts);
    SG_CHECK(all_known(binding, dimensions, "denies"));
    if (std::all_of(dimensions.begin(), dimensions.end(),
                    [](const JobDimension& d) { return d.holds(); })) {
      std::string list;
      for (const JobDimension& d : dimensions) list += (list.empty() ? "" : ", ") + d.shown(facts);
      return denied(binding, "denies " + list);
    }
  }
  return {};
}

/// Takes over `value`, unless an earlier binding said something else.
Status agree(std::optional<std::string>& agreed, const std::optional<std::string>& value,
             const Binding& binding, const char* what) {
  if (!value) return {};
  if (agreed && *agreed != *value) {
    return denied(
        binding,
        std::string("names another ") + what + " for this image than the bindings before it",
        "the administrator must correct images.yaml");
  }
  agreed = value;
  return {};
}

void restrict_runtime(RuntimeRule& sum, const RuntimeRule& rule) {
  if (rule.allow && !sum.allow) {
    sum.allow = rule.allow;
  } else if (rule.allow) {
    auto& words = *sum.allow;
    words.erase(std::remove_if(words.begin(), words.end(),
                               [&](const std::string& w) { return !contains(*rule.allow, w); }),
                words.end());
  }
  for (const std::string& bind : rule.binds) {
    if (!contains(sum.binds, bind)) sum.binds.push_back(bind);
  }
  sum.contain = sum.contain || rule.contain;
}

}  // namespace

std::vector<std::string> Decision::named_signers() const {
  std::set<std::string> named;
  for (const SignerRequirement& requirement : signers_) {
    named.insert(requirement.any_of.begin(), requirement.any_of.end());
    named.insert(requirement.all_of.begin(), requirement.all_of.end());
  }
  return {named.begin(), named.end()};
}

bool wants_job_facts(const Policy& policy, const Facts& facts) {
  const auto lacks = [&](const Audience& audience) {
    const auto dimensions = constrained(audience, facts);
    return std::any_of(dimensions.begin(), dimensions.end(),
                       [](const JobDimension& d) { return !d.known; });
  };
  return std::any_of(policy.bindings.begin(), policy.bindings.end(), [&](const Binding& binding) {
    return concerns(binding, facts.image_names) &&
           (lacks(binding.allow) || (binding.deny && lacks(*binding.deny)));
  });
}

Status Decision::add(const Binding& binding) {
  SG_CHECK(agree(key_, binding.key, binding, "key"));
  SG_CHECK(agree(digest_, binding.digest, binding, "digest"));
  if (bindings_.empty()) mode_ = Mode::warn;
  bindings_.push_back(binding.name);
  signers_.push_back(binding.signers);
  if (binding.mode == Mode::enforce) mode_ = Mode::enforce;
  if (binding.release && release_ != Release::mount) release_ = binding.release;
  preloaded_ = preloaded_ || binding.preloaded;
  restrict_runtime(runtime_, binding.runtime);
  return {};
}

/// What only may be for the image restricts it, and is no reason to let it run.
Status Decision::take(const Binding& binding, const ImageNames& names) {
  if (selects(binding, names)) {
    found_ = true;
  } else if (only_possible_.empty()) {
    only_possible_ = binding.name;
  }
  return add(binding);
}

Status Decision::check_found(const Facts& facts) const {
  if (found_) return {};
  const auto& known = facts.image_names.known;
  const std::string name = known.empty() ? "" : " " + printable(known.front().text(), 500);
  const std::string other =
      only_possible_.empty() ? "" : ": whether '" + only_possible_ + "' means it is not known here";
  return fail(Code::denied, "no binding is for the image" + name + other,
              "ask the administrator to bind it with `sifctl image bind`");
}

Result<Decision> decide(const Policy& policy, const Facts& facts) {
  Decision decision;
  for (const Binding& binding : policy.bindings) {
    if (!concerns(binding, facts.image_names)) continue;
    SG_CHECK(check_limits(binding, facts));
    const BreakGlass* const leave = find_break_glass(policy, binding, facts);
    if (const Status allowed = check_allow(binding, facts); !allowed) {
      if (leave == nullptr) return tl::unexpected(allowed.error());
      decision.break_glass_.push_back(leave->id);
    }
    if (leave != nullptr && binding.key) decision.key_break_glass_ = leave->id;
    SG_CHECK(decision.take(binding, facts.image_names));
  }
  SG_CHECK(decision.check_found(facts));
  return decision;
}

Result<Decision> decide_for_staging(const Policy& policy, const Facts& facts) {
  Decision decision;
  decision.for_staging_ = true;
  for (const Binding& binding : policy.bindings) {
    if (concerns(binding, facts.image_names)) {
      SG_CHECK(decision.take(binding, facts.image_names));
    }
  }
  SG_CHECK(decision.check_found(facts));
  return decision;
}

Result<Decision> narrow(Decision decision, std::string_view signer) {
  SG_TRY(std::string id, normalize_signer(signer));
  if (!contains(decision.named_signers(), id)) {
    return fail(Code::denied, "binding '" + decision.bindings_.front() + "' does not name signer " +
                                  printable(id, 200));
  }
  SignerRequirement requirement;
  // In the form that the bindings which name the signer take from it, so that nothing else is
  // asked.
  requirement.legacy = std::all_of(
      decision.signers_.begin(), decision.signers_.end(), [&](const SignerRequirement& one) {
        return one.legacy || !(contains(one.any_of, id) || contains(one.all_of, id));
      });
  requirement.all_of.push_back(std::move(id));
  decision.signers_.push_back(std::move(requirement));
  return decision;
}

}  // namespace sifguard
