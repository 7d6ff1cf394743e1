// What bindings may know an opened image by. Root.
#include "helper/pipeline/image_names.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "keystore/base/contains.h"
#include "keystore/policy/image_pattern.h"
#include "keystore/policy/overlap.h"

namespace sifguard {
namespace {

/// Each is a request to the registry, at every launch.
constexpr std::size_t kMostAsked = 64;

/// Asks about one repository, each reference once.
class Repository {
 public:
  Repository(OpenedImage& opened, ImageNames names)
      : opened_(opened), names_(std::move(names)), all_(std::exchange(names_.possible, {})) {}

  /// A pattern of a binding that is not for the image by the names known so far.
  Status add(const std::string& pattern) {
    const bool here = std::any_of(all_.begin(), all_.end(), [&](const std::string& possible) {
      return patterns_overlap(pattern, possible);
    });
    if (!here) return {};
    const std::string_view reference = literal_reference(pattern);
    if (!reference.empty()) return ask(std::string(reference), pattern);
    SG_CHECK(list_tags());
    if (!tags_) {
      names_.possible.push_back(pattern);
      return {};
    }
    for (const std::string& tag : *tags_) {
      if (is_named(pattern, tag)) SG_CHECK(ask(tag, pattern));
    }
    // Of the digests that the pattern may be for, the image's own is known.
    return {};
  }

  [[nodiscard]] ImageNames take() { return std::move(names_); }

 private:
  [[nodiscard]] bool is_named(const std::string& pattern, const std::string& tag) const {
    return std::any_of(names_.known.begin(), names_.known.end(), [&](const ImageName& form) {
      return matches_image(pattern, form.with(tag));
    });
  }

  Status list_tags() {
    if (!listed_) {
      SG_TRY(tags_, opened_.tags());
    }
    listed_ = true;
    return {};
  }

  Status ask(const std::string& reference, const std::string& pattern) {
    auto answer = answers_.find(reference);
    if (answer == answers_.end()) {
      std::optional<bool> same;
      if (answers_.size() < kMostAsked) {
        SG_TRY(same, opened_.is_same_as(reference));
      }
      answer = answers_.emplace(reference, same).first;
      if (same.value_or(false)) add_known(reference);
    }
    if (!answer->second) names_.possible.push_back(pattern);
    return {};
  }

  void add_known(const std::string& reference) {
    const std::vector<ImageName> forms = names_.known;
    for (const ImageName& form : forms) {
      ImageName other = form.with(reference);
      if (!contains(names_.known, other)) {
        names_.known.push_back(std::move(other));
      }
    }
  }

  OpenedImage& opened_;
  ImageNames names_;
  const std::vector<std::string> all_;  ///< patterns of every reference of the repository
  std::map<std::string, std::optional<bool>> answers_;
  bool listed_ = false;
  std::optional<std::vector<std::string>> tags_;
};

void add_canonical(ImageNames& names, const OpenedImage& opened) {
  if (opened.name() != opened.asked_for()) names.known.push_back(opened.name());
  if (opened.named_digest().empty()) return;
  const std::vector<ImageName> forms = names.known;
  for (const ImageName& form : forms) {
    if (form.with(opened.named_digest()) != form) {
      names.known.push_back(form.with(opened.named_digest()));
    }
  }
}

}  // namespace

Result<ImageNames> names_of_opened(OpenedImage& opened, const PolicyReader& reader,
                                   std::string_view library) {
  ImageNames names = names_of(opened.asked_for(), library);
  add_canonical(names, opened);
  const ImageUri* const uri = opened.asked_for().uri();
  if (uri == nullptr || uri->kind == ImageUri::Kind::https) return names;
  SG_TRY(const Policy policy, reader.bindings_for(names));
  Repository repository(opened, names);
  for (const Binding& binding : policy.bindings) {
    if (selects(binding, names)) continue;
    for (const std::string& pattern : binding.match) SG_CHECK(repository.add(pattern));
  }
  return repository.take();
}

}  // namespace sifguard
