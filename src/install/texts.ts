// Everything that an install page says, in English. `simwright install-texts` prints it as the beginning of a translation.
// What stands in braces is replaced, and must be in each translation.

export const ENGLISH = {
  title: 'Install your eSIM',
  lead: 'It takes about two minutes. Keep the device connected to Wi-Fi or another network until it is done.',
  preparingTitle: 'Your eSIM is being prepared',
  preparingText: 'This usually takes a few seconds. The page reloads by itself.',
  checkAgain: 'Check again',
  downloadedTitle: 'Almost done',
  downloadedText:
    'A device has downloaded this eSIM, and only that device can finish the installation. If it was interrupted there, use the same way again.',
  installedTitle: 'Your eSIM is installed',
  installedText:
    'There is nothing left to do on this page. You can turn the eSIM on and off in the settings of your device, where its SIMs are listed.',
  failedTitle: 'This eSIM cannot be installed',
  failedText: 'It was cancelled, or its installation has failed. Please ask for a new one.',
  goneTitle: 'This link does not work',
  goneText:
    'It may have expired, or part of it may be missing. Please ask whoever sent it to you for a new one.',
  busyTitle: 'Please try again in a moment',
  busyText: 'The page cannot be shown right now.',
  confirmationTitle: 'You will need your confirmation code',
  confirmationText:
    'The device asks for it during the installation. You have received it separately; it is not on this page.',
  tapTitle: 'On the device itself',
  appleButton: 'Install on iPhone or iPad',
  appleNote: 'From iOS 17.4. On older versions, scan the QR code with the camera.',
  androidButton: 'Install on Android',
  androidNote:
    'Many phones with Android 10 or later know this link. If only an empty page opens, scan the QR code or enter the code by hand.',
  windowsButton: 'Install on Windows',
  windowsNote: 'From Windows 11, version 24H2, on computers with an eSIM.',
  scanTitle: 'With the camera',
  scanText:
    'Show this QR code on another screen, or print it, and scan it with the device that gets the eSIM.',
  scanHold: 'On an iPhone with iOS 17.4, you can also touch and hold it here, and tap Add eSIM.',
  qrAlternative: 'QR code of this eSIM',
  manualTitle: 'By hand',
  manualText: 'If neither the button nor the camera works, enter the code in the settings.',
  appleName: 'iPhone and iPad',
  appleStep1: 'Open Settings, then Cellular or Mobile Data.',
  appleStep2: 'Tap Add eSIM, then Use QR Code.',
  appleStep3: 'Tap Enter Details Manually at the bottom of the screen.',
  appleStep4: 'Enter these two, leave out what else is asked for, and tap Next.',
  appleStep4WithCode: 'Enter these two and your confirmation code, and tap Next.',
  androidName: 'Android',
  androidStep1:
    'Open Settings, then Network & internet and SIMs; on Samsung phones Connections and SIM manager.',
  androidStep2: 'Tap Add SIM or Add eSIM, then the choice to set up or scan an eSIM.',
  androidStep3:
    'Instead of scanning, tap Enter code manually; on some phones it is under Need help.',
  androidStep4: 'Enter this code, and follow the instructions.',
  windowsName: 'Windows',
  address: 'SM-DP+ address',
  activationCode: 'Activation code',
  completeCode: 'Code',
  copy: 'Copy',
  copied: 'Copied',
  onceOnly: 'The eSIM can be installed once, on one device. Do not delete it there.',
  expires: 'This page can be opened until {date}.',
  languages: 'Languages',
};

export type Texts = typeof ENGLISH;
export type TextName = keyof Texts;
