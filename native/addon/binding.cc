// The only file that knows Node-API. It unpacks a request, runs the engine on a libuv worker, and settles a promise;
// everything else about the engine is Rust. The struct and the two functions are those of native/abi/src/lib.rs.

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

extern "C" {
struct nxhp_reply {
  uint8_t *json;
  size_t json_len;
  uint8_t *bytes;
  size_t bytes_len;
  int32_t ok;
};
void nxhp_call(const uint8_t *request, size_t len, nxhp_reply *out);
void nxhp_reply_free(nxhp_reply *reply);
}

namespace {

// Runs one request. libuv destroys the worker after OnOK or OnError, on the JavaScript thread.
class Call final : public Napi::AsyncWorker {
public:
  Call(Napi::Env env, std::string request)
      : Napi::AsyncWorker(env, "nx-hotpatch:call"), request_(std::move(request)),
        deferred_(Napi::Promise::Deferred::New(env)) {}
  ~Call() override {
    if (answered_) nxhp_reply_free(&reply_);
  }
  Napi::Promise Promise() const { return deferred_.Promise(); }

protected:
  // On a worker thread: no JavaScript value may be touched here.
  void Execute() override {
    nxhp_call(reinterpret_cast<const uint8_t *>(request_.data()), request_.size(), &reply_);
    answered_ = true;
    if (reply_.ok == 0) SetError(Text());
  }

  // Gives { json, bytes? }. The bytes are copied (a patch image is some kilobytes): memory that Rust owns must not
  // be handed to a garbage collector, and some embedders forbid external buffers.
  void OnOK() override {
    Napi::Object result = Napi::Object::New(Env());
    result.Set("json", Napi::String::New(Env(), reinterpret_cast<const char *>(reply_.json), reply_.json_len));
    if (reply_.bytes_len > 0)
      result.Set("bytes", Napi::Buffer<uint8_t>::Copy(Env(), reply_.bytes, reply_.bytes_len));
    deferred_.Resolve(result);
  }

  void OnError(const Napi::Error &error) override { deferred_.Reject(error.Value()); }

private:
  std::string Text() const { return std::string(reinterpret_cast<const char *>(reply_.json), reply_.json_len); }

  std::string request_;
  Napi::Promise::Deferred deferred_;
  nxhp_reply reply_{};
  bool answered_ = false;
};

// call(request: string): Promise<{ json: string, bytes?: Buffer }>
Napi::Value StartCall(const Napi::CallbackInfo &info) {
  if (info.Length() != 1 || !info[0].IsString()) {
    Napi::TypeError::New(info.Env(), "call takes one string, the request as JSON.").ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  auto *call = new Call(info.Env(), info[0].As<Napi::String>().Utf8Value());
  Napi::Promise promise = call->Promise();
  call->Queue();
  return promise;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("call", Napi::Function::New(env, StartCall, "call"));
  return exports;
}

} // namespace

NODE_API_MODULE(hotpatch, Init)
