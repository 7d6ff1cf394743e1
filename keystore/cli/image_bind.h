// Adding a binding, for `image bind` and `setup`. Runs with the rights of the admin.
//
// The key's rule is written first and images.yaml last: a crash in between leaves a rule that no
// binding uses, which grants nothing.
#pragma once

#include <string>
#include <vector>

#include "keystore/cli/audience_options.h"
#include "keystore/cli/bind_others.h"
#include "keystore/cli/bind_plan.h"
#include "keystore/cli/session.h"

namespace sifguard {

/// The command line of `image bind`, as typed.
struct BindOptions {
  std::string name;
  std::vector<std::string> match, signers;
  bool all_signers = false;
  std::string key, digest, not_before, not_after, signed_after;
  std::string mode = "enforce";
  std::string release;
  AudienceOptions audience;
  std::vector<std::string> runtime_allow, binds;
  bool contain = false;
  bool preloaded = false;
  bool replace = false;
};

/// A binding that was added, or was there already.
struct Bound {
  BindPlan plan;
  Binding asked;    ///< as it was asked for
  Binding written;  ///< as it is read
  BindOthers others;

  [[nodiscard]] bool is_unchanged() const noexcept;
};

/// Puts the binding into the keystore. Errors, nothing having changed: those of the options, of
/// plan_bind() and of others_of().
[[nodiscard]] Result<Bound> put_bound(const Session& session, Keystore& keystore,
                                      const BindOptions& options);
/// Reports, after the binding itself: pasted values as they were understood, and what other
/// bindings, the key and this host's accounts mean for it.
Status tell_about(const Session& session, const Keystore& keystore, const BindOptions& options,
                  const Bound& bound);

/// The whole of `image bind`.
Status bind_image(const Session& session, const BindOptions& options);

}  // namespace sifguard
