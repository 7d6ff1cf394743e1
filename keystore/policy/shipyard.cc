// The Singularity images of a Batch Shipyard config.yaml. Pure text.
#include "keystore/policy/shipyard.h"

#include <algorithm>
#include <array>
#include <map>

#include "keystore/base/pasted.h"
#include "keystore/base/text.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/thumbprint.h"
#include "keystore/policy/yaml_view.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxSize = std::size_t{4} << 20U;
constexpr std::array<std::string_view, 2> kSignedKinds = {"library://", "oras://"};
constexpr std::array<std::string_view, 4> kKinds = {"library://", "oras://", "docker://",
                                                    "shub://"};

template <std::size_t size>
bool starts_with_any(std::string_view image, const std::array<std::string_view, size>& kinds) {
  return std::any_of(kinds.begin(), kinds.end(), [&](std::string_view kind) {
    return image.starts_with(kind) && image.size() > kind.size();
  });
}

/// A scheme has no case (RFC 3986 3.1), and blanks around a name are not of it.
Result<std::string> read_image(const YamlView& view, bool is_signed) {
  SG_TRY(const std::string written, view.text());
  std::string image = pasted_text(written);
  const std::size_t scheme = image.find("://");
  if (scheme != image.npos) image = to_lower(image.substr(0, scheme)) + image.substr(scheme);
  const bool plain =
      std::all_of(image.begin(), image.end(), [](char c) { return c > ' ' && c < 127; });
  if (!plain || !starts_with_any(image, kKinds)) {
    return view.error("not an image: '" + printable(image, 200) + "'",
                      "library://…, oras://…, docker://… or shub://…");
  }
  if (is_signed && !starts_with_any(image, kSignedKinds)) {
    return view.error("'" + image + "' cannot be a signed image",
                      "only library:// and oras:// images are; list it under unsigned");
  }
  return image;
}

Status read_signing_key(const YamlView& view, ShipyardImage& image) {
  SG_CHECK(view.only_fields({"fingerprint", "file"}));
  const auto fingerprint = view.field("fingerprint");
  if (!fingerprint) {
    return view.error("the fingerprint of the signing key is missing",
                      "a signed image names its signer: fingerprint: …");
  }
  SG_TRY(const std::string text, fingerprint->text());
  auto whole = normalize_fingerprint(text);
  if (!whole) return fingerprint->error(whole.error().what(), whole.error().remedy());
  image.fingerprint = *std::move(whole);
  if (const auto file = view.field("file")) {
    SG_TRY(image.key_file, file->text());
  }
  return {};
}

Result<ShipyardImage> read_entry(const YamlView& item, bool is_signed) {
  ShipyardImage image;
  image.line = item.line();
  image.is_signed = is_signed;
  if (!is_signed && item.node().kind == YamlNode::Kind::scalar) {  // as older files have it
    SG_TRY(image.image, read_image(item, false));
    return image;
  }
  SG_CHECK(item.only_fields({"image", "signing_key", "encryption"}));
  SG_TRY(const YamlView name, item.required("image"));
  SG_TRY(image.image, read_image(name, is_signed));
  const auto key = item.field("signing_key");
  if (is_signed && !key) {
    return item.error("the fingerprint of the signing key is missing",
                      "a signed image names its signer: signing_key: {fingerprint: …}");
  }
  if (!is_signed && key) return key->error("an unsigned image has no signing key");
  if (key) SG_CHECK(read_signing_key(*key, image));
  if (const auto encryption = item.field("encryption")) {
    SG_CHECK(encryption->only_fields({"certificate"}));
    SG_TRY(const YamlView certificate, encryption->required("certificate"));
    SG_TRY(image.thumbprint, read_thumbprint(certificate));
  }
  return image;
}

/// Images seen so far, and where: by their one name, if it is one that bindings have.
class Seen {
 public:
  Status add(const YamlView& item, const ShipyardImage& image) {
    const auto name = ImageName::of("/", image.image);
    const auto [first, fresh] = lines_.emplace(name ? name->text() : image.image, image);
    if (fresh) return {};
    if (first->second.is_signed != image.is_signed) {
      return item.error(
          "'" + image.image + "' is listed as both signed and unsigned",
          "leave one of them out; the other is on line " + std::to_string(first->second.line));
    }
    return item.error("'" + image.image + "' is listed twice",
                      "the other is on line " + std::to_string(first->second.line));
  }

 private:
  std::map<std::string, ShipyardImage> lines_;
};

Status read_list(const YamlView& list, bool is_signed, Seen& seen,
                 std::vector<ShipyardImage>& found) {
  SG_TRY(const auto items, list.items());
  for (const YamlView& item : items) {
    SG_TRY(ShipyardImage image, read_entry(item, is_signed));
    SG_CHECK(seen.add(item, image));
    found.push_back(std::move(image));
  }
  return {};
}

}  // namespace

Result<std::vector<ShipyardImage>> parse_shipyard(std::string_view yaml, std::string_view file) {
  SG_TRY(const YamlNode root, parse_yaml(yaml, file, kMaxSize));
  const YamlView view(root, file);
  SG_TRY(const YamlView global, view.required("global_resources"));
  SG_TRY(const YamlView images, global.required("singularity_images"));
  std::vector<ShipyardImage> found;
  Seen seen;
  if (images.node().kind ==
      YamlNode::Kind::sequence) {  // as older releases have it: none could be signed
    SG_CHECK(read_list(images, false, seen, found));
  } else {
    SG_CHECK(images.only_fields({"unsigned", "signed"}));
    for (const bool is_signed : {false, true}) {
      const auto list = images.field(is_signed ? "signed" : "unsigned");
      if (!list || (list->node().kind == YamlNode::Kind::scalar && list->node().is_null()))
        continue;
      SG_CHECK(read_list(*list, is_signed, seen, found));
    }
  }
  if (found.empty()) return images.error("names no image");
  return found;
}

}  // namespace sifguard
