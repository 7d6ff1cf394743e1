// Signing an image: the work of sif-sign without its command line. The user's rights.
#include "helper/tools/sign_image.h"

#include <algorithm>

#include "helper/sif/image.h"
#include "helper/sif/little_endian.h"
#include "helper/tools/progress.h"
#include "helper/tools/signature_summary.h"
#include "helper/tools/statement.h"
#include "helper/verify/wire/report.h"
#include "keystore/base/contains.h"

namespace sifguard {
namespace {

/// Errors about the image name it.
template <typename T>
Result<T> about(const std::string& image, Result<T> result) {
  if (!result) result.error().prepend(image);
  return result;
}

Result<std::vector<std::uint32_t>> choose_groups(const SignRequest& request,
                                                 const sif::Image& image) {
  const std::vector<std::uint32_t> all = groups_of(image);
  if (all.empty()) return fail(Code::refused, "the image has no group of objects to sign");
  if (!request.group) return all;
  if (!contains(all, *request.group)) {
    return fail(Code::refused, "the image has no group " + std::to_string(*request.group),
                "see its groups with sif-list");
  }
  return std::vector{*request.group};
}

/// Ids of the signer's own signatures over `group`.
Result<std::vector<std::uint32_t>> earlier_signatures(int fd, const sif::Image& image,
                                                      std::uint32_t group,
                                                      const std::string& signer) {
  std::vector<std::uint32_t> found;
  for (const sif::Descriptor& object : image.objects) {
    if (!is_signature_over(object, group)) continue;
    SG_TRY(const SignatureSummary summary, summarize_signature(fd, object));
    const auto& claimed = summary.claimed;
    if (!contains(claimed, signer)) continue;
    if (claimed.size() > 1) {
      return fail(Code::refused, object.shown() + " holds signatures of others beside " + signer,
                  "remove it with apptainer sif del, or sign with another key");
    }
    found.push_back(object.id);
  }
  return found;
}

Result<std::vector<std::uint32_t>> to_remove(const SignRequest& request, int fd,
                                             const sif::Image& image,
                                             const std::vector<std::uint32_t>& groups,
                                             const std::string& signer) {
  std::vector<std::uint32_t> ids;
  for (const std::uint32_t group : groups) {
    SG_TRY(const auto earlier, earlier_signatures(fd, image, group, signer));
    if (!earlier.empty() && !request.replace) {
      return fail(Code::refused,
                  "group " + std::to_string(group) + " carries a signature by " + signer +
                      " already, object " + std::to_string(earlier.front()),
                  "replace it with --replace");
    }
    ids.insert(ids.end(), earlier.begin(), earlier.end());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Status check_room(const sif::Image& image, std::size_t removed, std::size_t added) {
  const auto total = sif::load_le<std::uint64_t>(image.header, sif::kDescriptorsTotalOffset);
  const std::uint64_t free = total - image.objects.size() + removed;
  if (free < added) {
    return fail(Code::refused,
                std::to_string(added) + " signatures do not fit: the image has " +
                    std::to_string(free) + " free descriptors",
                "remove an object, or build the image with a larger table");
  }
  const auto signatures = std::count_if(
      image.objects.begin(), image.objects.end(),
      [](const sif::Descriptor& object) { return object.type == sif::DataType::signature; });
  if (static_cast<std::size_t>(signatures) - removed + added > kMaxSignatures) {
    return fail(Code::refused, "the image would have more than " + std::to_string(kMaxSignatures) +
                                   " signatures, which no verifier of sifguard reads");
  }
  return {};
}

Status make_copy(const SignRequest& request, sif::ImageRewrite& rewrite) {
  Progress bar("copying", rewrite.size(), request.show_progress);
  return rewrite.copy([&](std::uint64_t bytes) { bar.advance(bytes); }, request.on_named);
}

Result<std::vector<std::string>> hash(const SignRequest& request, int copy, const sif::Image& image,
                                      const std::vector<std::uint32_t>& groups) {
  CountedProgress bar("hashing", bytes_to_hash(image, groups), request.show_progress);
  return make_statements(copy, image, groups, bar.counter());
}

/// Takes what request.also_remove names out of the copy, before anything of it is hashed.
Result<std::vector<std::uint32_t>> remove_further(const SignRequest& request, int copy) {
  if (!request.also_remove) return std::vector<std::uint32_t>();
  SG_TRY(const sif::Image copied, sif::read_image(copy));
  SG_TRY(auto ids, request.also_remove(copy, copied));
  SG_CHECK(sif::remove_signatures(copy, ids, request.now));
  return ids;
}

std::vector<std::uint32_t> ids_of(const sif::Image& image, std::uint32_t group) {
  std::vector<std::uint32_t> ids;
  for (const sif::Descriptor& object : image.objects) {
    if (object.group == group) ids.push_back(object.id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace

Result<SignResult> sign_image(const SignRequest& request,
                              const std::function<Result<std::unique_ptr<Signer>>()>& load_signer) {
  SG_TRY(sif::ImageRewrite rewrite, sif::ImageRewrite::open(request.image));
  const std::string& name = request.image;
  SG_TRY(const sif::Image image, about(name, sif::read_image(rewrite.image())));
  SG_TRY(auto groups, about(name, choose_groups(request, image)));
  SG_TRY(const std::unique_ptr<Signer> signer, load_signer());
  SignResult result;
  result.path = rewrite.path();
  result.form = signer->form();
  result.signer = signer->id();
  result.policy_name = signer->policy_name();
  SG_TRY(result.removed,
         about(name, to_remove(request, rewrite.image(), image, groups, signer->id())));
  const std::size_t going = result.removed.size() + (request.also_remove ? 1 : 0);
  SG_CHECK(about(name, check_room(image, going, groups.size())));

  // What is signed is the copy, which nobody else can change any more.
  SG_CHECK(make_copy(request, rewrite));
  const int copy = rewrite.copied();
  SG_TRY(const auto further, about(name, remove_further(request, copy)));
  SG_TRY(const sif::Image copied, sif::read_image(copy));
  if (!further.empty()) {
    SG_TRY(groups, about(name, choose_groups(request, copied)));  // one may have gone with it
  }
  SG_TRY(const auto statements, hash(request, copy, copied, groups));
  if (!result.removed.empty()) {
    SG_CHECK(sif::remove_signatures(copy, result.removed, request.now));
  }
  result.removed.insert(result.removed.end(), further.begin(), further.end());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    SG_TRY(const SignatureData made, signer->sign(statements[i]));
    const sif::NewSignature signature{groups[i], made.data, made.hash, made.fingerprint};
    SG_TRY(const std::uint32_t id, sif::add_signature(copy, signature, request.now));
    result.signatures.push_back({groups[i], id, ids_of(copied, groups[i])});
  }
  SG_CHECK(rewrite.commit());
  for (const sif::Descriptor& object : copied.objects) {
    const bool loose = object.group == 0 && object.type != sif::DataType::signature;
    if (loose) result.ungrouped.push_back(object.id);
  }
  result.owner_kept = rewrite.owner_kept();
  result.other_names = rewrite.other_names();
  return result;
}

}  // namespace sifguard
