# For a Homebrew tap: Formula/detour.rb. A formula, since casks must pass Gatekeeper's checks,
# which needs a signature by an Apple developer.
class Detour < Formula
  desc "Local proxy that shows which AWS console requests bypass the console"
  homepage "@URL@"
  version "@VERSION@"
  license "Apache-2.0"

  on_macos do
    on_arm do
      url "@URL@/detour-@VERSION@-darwin-arm64.tar.gz"
      sha256 "@SHA256:darwin-arm64@"
    end
    on_intel do
      url "@URL@/detour-@VERSION@-darwin-amd64.tar.gz"
      sha256 "@SHA256:darwin-amd64@"
    end
  end

  on_linux do
    on_arm do
      url "@URL@/detour-@VERSION@-linux-arm64.tar.gz"
      sha256 "@SHA256:linux-arm64@"
    end
    on_intel do
      url "@URL@/detour-@VERSION@-linux-amd64.tar.gz"
      sha256 "@SHA256:linux-amd64@"
    end
  end

  def install
    bin.install "detour"
    man1.install Dir["man/*.1"]
    man7.install Dir["man/*.7"]
    bash_completion.install "completions/detour.bash" => "detour"
    fish_completion.install "completions/detour.fish"
    zsh_completion.install "completions/_detour"
    doc.install "NOTICES.txt"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/detour --version")
  end
end
