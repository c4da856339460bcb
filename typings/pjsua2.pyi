"""What `voiceplat.telephony` uses of pjsua2, and nothing else."""

from collections.abc import Iterator
from types import ModuleType
from typing import Generic, Self, SupportsInt, TypeVar

_T = TypeVar("_T")

_pjsua2: ModuleType
PJMEDIA_FILE_NO_LOOP: int
PJMEDIA_FORMAT_PCM: int
PJMEDIA_FRAME_TYPE_AUDIO: int
PJMEDIA_TYPE_AUDIO: int
PJSIP_EVENT_RX_MSG: int
PJSIP_EVENT_USER: int
PJSIP_INV_STATE_CONFIRMED: int
PJSIP_INV_STATE_CONNECTING: int
PJSIP_INV_STATE_DISCONNECTED: int
PJSIP_INV_STATE_EARLY: int
PJSIP_TRANSPORT_TCP: int
PJSIP_TRANSPORT_UDP: int
PJSUA_CALL_MEDIA_ERROR: int
PJSUA_CALL_MEDIA_NONE: int
PJSUA_DTMF_METHOD_RFC2833: int
PJSUA_DTMF_METHOD_SIP_INFO: int
PJSUA_INVALID_ID: int

class Error(Exception):
    status: int
    reason: str

class Vector(Generic[_T]):
    def __iter__(self) -> Iterator[_T]: ...
    def append(self, item: _T) -> None: ...

class SipHeader:
    hName: str
    hValue: str

class SipTxOption:
    localUri: str
    contentType: str
    msgBody: str
    headers: Vector[SipHeader]

class CallOpParam:
    statusCode: int
    txOption: SipTxOption
    def __init__(self, useDefaultCallSetting: bool = False) -> None: ...

class CallSendRequestParam:
    method: str
    txOption: SipTxOption

class CallSendDtmfParam:
    digits: str
    duration: int
    method: int

class SipRxData:
    wholeMsg: str

class SipTransaction:
    method: str
    statusCode: int

class TsxStateSource:
    rdata: SipRxData

class TsxStateEvent:
    src: TsxStateSource
    tsx: SipTransaction
    type: int

class SipEventBody:
    tsxState: TsxStateEvent

class SipEvent:
    type: int
    body: SipEventBody

class OnCallStateParam:
    e: SipEvent

class OnCallTsxStateParam:
    e: SipEvent

class OnCallMediaStateParam: ...

class OnStreamDestroyedParam:
    streamIdx: int

class OnDtmfEventParam:
    digit: str
    method: int
    timestamp: int
    duration: int
    flags: int

class OnIncomingCallParam:
    callId: int
    rdata: SipRxData

class OnInstantMessageParam:
    rdata: SipRxData

class OnRegStateParam:
    code: int
    reason: str
    expiration: int

class CallMediaInfo:
    index: int
    type: int
    status: int

class CallInfo:
    callIdString: str
    state: int
    lastStatusCode: int
    lastReason: str
    media: Vector[CallMediaInfo]

class StreamInfo:
    audTxEventPt: int
    codecName: str
    remoteRtpAddress: str

class MathStat:
    mean: int

class RtcpStreamStat:
    pkt: int
    loss: int
    jitterUsec: MathStat

class RtcpStat:
    rxStat: RtcpStreamStat
    txStat: RtcpStreamStat

class StreamStat:
    rtcp: RtcpStat

class AudioMedia:
    def startTransmit(self, sink: AudioMedia) -> None: ...
    def stopTransmit(self, sink: AudioMedia) -> None: ...

class AudioMediaPlayer(AudioMedia):
    def __init__(self) -> None: ...
    @staticmethod
    def __swig_destroy__(player: AudioMediaPlayer) -> None: ...
    def createPlayer(self, file_name: str, options: int = 0) -> None: ...
    def onEof2(self) -> None: ...

class AudioMediaRecorder(AudioMedia):
    def __init__(self) -> None: ...
    @staticmethod
    def __swig_destroy__(recorder: AudioMediaRecorder) -> None: ...
    def createRecorder(self, file_name: str) -> None: ...

class ByteVector:
    this: SupportsInt
    def __init__(self, data: bytes = ...) -> None: ...
    def size(self) -> int: ...
    def resize(self, new_size: int) -> None: ...

class MediaFrame:
    type: int
    size: int
    buf: ByteVector
    def __init__(self) -> None: ...

class MediaFormatAudio:
    def __init__(self) -> None: ...
    def init(
        self,
        formatId: int,
        clockRate: int,
        channelCount: int,
        frameTimeUsec: int,
        bitsPerSample: int,
    ) -> None: ...

class AudioMediaPort(AudioMedia):
    def __init__(self) -> None: ...
    @staticmethod
    def __swig_destroy__(port: AudioMediaPort) -> None: ...
    def createPort(self, name: str, fmt: MediaFormatAudio) -> None: ...
    def onFrameReceived(self, frame: MediaFrame) -> None: ...
    def onFrameRequested(self, frame: MediaFrame) -> None: ...

class Call:
    def __init__(self, acc: Account, call_id: int = ...) -> None: ...
    @staticmethod
    def __swig_destroy__(call: Call) -> None: ...
    def getId(self) -> int: ...
    def getInfo(self) -> CallInfo: ...
    def getAudioMedia(self, med_idx: int) -> AudioMedia: ...
    def getStreamInfo(self, med_idx: int) -> StreamInfo: ...
    def getStreamStat(self, med_idx: int) -> StreamStat: ...
    def makeCall(self, dst_uri: str, prm: CallOpParam) -> None: ...
    def answer(self, prm: CallOpParam) -> None: ...
    def hangup(self, prm: CallOpParam) -> None: ...
    def xfer(self, dest: str, prm: CallOpParam) -> None: ...
    def sendRequest(self, prm: CallSendRequestParam) -> None: ...
    def sendDtmf(self, param: CallSendDtmfParam) -> None: ...
    def onCallState(self, prm: OnCallStateParam) -> None: ...
    def onCallTsxState(self, prm: OnCallTsxStateParam) -> None: ...
    def onCallMediaState(self, prm: OnCallMediaStateParam) -> None: ...
    def onStreamDestroyed(self, prm: OnStreamDestroyedParam) -> None: ...
    def onDtmfEvent(self, prm: OnDtmfEventParam) -> None: ...

class AuthCredInfo:
    def __init__(
        self, scheme: str, realm: str, user_name: str, data_type: int, data: str
    ) -> None: ...

class AccountSipConfig:
    proxies: Vector[str]
    authCreds: Vector[AuthCredInfo]

class AccountRegConfig:
    registerOnAdd: bool
    registrarUri: str
    timeoutSec: int
    retryIntervalSec: int

class AccountNatConfig:
    contactRewriteUse: int
    viaRewriteUse: int

class TransportConfig:
    boundAddress: str
    port: int
    portRange: int

class AccountMediaConfig:
    lockCodecEnabled: bool
    transportConfig: TransportConfig

class AccountConfig:
    idUri: str
    sipConfig: AccountSipConfig
    regConfig: AccountRegConfig
    natConfig: AccountNatConfig
    mediaConfig: AccountMediaConfig

class AccountInfo:
    regIsActive: bool

class Account:
    def __init__(self) -> None: ...
    @staticmethod
    def __swig_destroy__(account: Account) -> None: ...
    def create(self, cfg: AccountConfig) -> None: ...
    def shutdown(self) -> None: ...
    def getInfo(self) -> AccountInfo: ...
    def setRegistration(self, renew: bool) -> None: ...
    def onIncomingCall(self, prm: OnIncomingCallParam) -> None: ...
    def onInstantMessage(self, prm: OnInstantMessageParam) -> None: ...
    def onRegState(self, prm: OnRegStateParam) -> None: ...

class LogEntry:
    level: int
    msg: str

class LogWriter:
    def __init__(self) -> None: ...
    def __disown__(self) -> Self: ...
    def write(self, entry: LogEntry) -> None: ...

class LogConfig:
    level: int
    consoleLevel: int
    decor: int
    msgLogging: int
    writer: LogWriter

class UaConfig:
    maxCalls: int
    threadCnt: int
    mainThreadOnly: bool
    userAgent: str

class MediaConfig:
    clockRate: int
    sndClockRate: int
    channelCount: int
    noVad: bool
    ecTailLen: int
    hasIoqueue: bool
    threadCnt: int

class EpConfig:
    uaConfig: UaConfig
    logConfig: LogConfig
    medConfig: MediaConfig

class TransportInfo:
    localName: str

class CodecInfo:
    codecId: str

class AudDevManager:
    def setNoDev(self) -> object: ...
    def setNullDev(self) -> None: ...
    def getCaptureDevMedia(self) -> AudioMedia: ...
    def getPlaybackDevMedia(self) -> AudioMedia: ...

class Endpoint:
    def __init__(self) -> None: ...
    @staticmethod
    def __swig_destroy__(endpoint: Endpoint) -> None: ...
    def libCreate(self) -> None: ...
    def libInit(self, prmEpConfig: EpConfig) -> None: ...
    def libStart(self) -> None: ...
    def libRegisterThread(self, name: str) -> None: ...
    def libDestroy(self, prmFlags: int = 0) -> None: ...
    def transportCreate(self, type: int, cfg: TransportConfig) -> int: ...
    def transportGetInfo(self, id: int) -> TransportInfo: ...
    def audDevManager(self) -> AudDevManager: ...
    def codecEnum2(self) -> Vector[CodecInfo]: ...
    def codecSetPriority(self, codec_id: str, priority: int) -> None: ...
