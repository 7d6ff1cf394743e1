// images.yaml: the strict reader, the decision, the names, and edits that must not alter what they
// do not mean to.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "keystore/base/text.h"
#include "keystore/policy/image_pattern.h"
#include "keystore/policy/images_edit.h"
#include "keystore/policy/policy.h"
#include "keystore/policy/satisfiable.h"
#include "tests/unit/policy/names.h"

namespace {

using namespace sifguard;  // NOLINT(google-build-using-namespace)

void require(bool condition) {
  if (!condition) std::abort();
}

/// An edit may be refused, but never because it would have altered another binding.
void check_edits(std::string_view text, const Policy& policy) {
  Binding added;
  added.name = "fuzz-added-binding";
  added.match = {"/fuzz/*.sif"};
  added.signers.any_of = {std::string(40, 'F')};
  added.allow.users = std::vector<std::string>{"fuzz"};
  const auto more = append_binding(text, added);
  require(more || more.error().code() != Code::internal);
  if (more) require(parse_policy(*more)->bindings.size() == policy.bindings.size() + 1);
  for (const Binding& binding : policy.bindings) {
    const auto less = remove_binding(text, binding.name);
    require(less || less.error().code() != Code::internal);
    if (less) require(parse_policy(*less)->bindings.size() == policy.bindings.size() - 1);
  }
}

void check_decision(const Policy& policy) {
  Facts facts;
  facts.user = "alice";
  facts.groups = {"bio"};
  facts.partition = "secure";
  facts.image_names = test::named({"/apps/secure/lolcow.sif"});
  const auto decision = decide(policy, facts);
  if (!decision) {
    require(decision.error().code() == Code::denied);
    return;
  }
  require(!decision->bindings().empty() && !decision->named_signers().empty());
  facts.user = "mallory";
  facts.groups = {"others"};
  for (const Binding& binding : policy.bindings) {
    // Somebody who is nowhere named gets in only where everybody does.
    if (binding.allow.users && *binding.allow.users == std::vector<std::string>{"alice"}) {
      require(!decide({{binding}}, facts));
    }
  }
}

void check_names(std::string_view text) {
  const std::size_t half = text.find('\n');
  if (half == std::string_view::npos) return;
  const std::string_view pattern = text.substr(0, half);
  const std::string_view typed = text.substr(half + 1);
  const auto name = ImageName::of("/work", typed);
  if (!name) return;
  // A name is its own form, wherever one is.
  const auto again = ImageName::of("/elsewhere", name->text());
  require(again.has_value() && *again == *name);
  // What matches a name is never said to match none.
  if (matches_image(pattern, *name) && is_utf8(pattern)) require(!unmatchable_rest(pattern));
  const auto canonical = canonical_pattern(pattern);
  if (!canonical) return;
  require(canonical_pattern(*canonical).value_or("") == *canonical);
  const bool wild = canonical->find_first_of("*?[") != std::string::npos;
  require(wild || !matches_image(*canonical, *name) || *canonical == name->text());
  require(!matches_image(*canonical, *name) || may_match(*canonical, names_of(*name)));
  require(matches_image(escaped_pattern(name->text()), *name));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_names(text);
  if (const auto policy = parse_policy(text)) {
    check_decision(*policy);
    check_edits(text, *policy);
  } else {
    require(policy.error().code() == Code::config);
  }
  return 0;
}
